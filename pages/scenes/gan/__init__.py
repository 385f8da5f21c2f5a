"""Scenes of the page on generative adversarial nets."""
