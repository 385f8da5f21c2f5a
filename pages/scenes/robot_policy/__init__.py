"""Scenes of the page on a robot's policy."""
