"""Pictures: convolutions, attacks, explanations, transformers."""
