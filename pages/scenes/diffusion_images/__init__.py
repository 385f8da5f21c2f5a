"""Scenes of the page on the diffusion of images."""
