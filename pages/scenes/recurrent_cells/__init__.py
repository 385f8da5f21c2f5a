"""Scenes of the page on recurrent cells."""
