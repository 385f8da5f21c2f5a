"""Scenes of the page on variational autoencoders."""
