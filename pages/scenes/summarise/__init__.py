"""The scenes of the page on summaries."""
