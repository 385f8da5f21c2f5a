"""Sequences: nets that read and write one thing after the other."""
