"""The scene of the page on loss spikes."""
