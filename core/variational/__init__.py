"""Variational inference: the evidence lower bound and its two terms."""
