"""The scenes of the page on language models."""
