"""A pusher, a T-shaped block and a place for it: the Push-T task of Chi et al. (2023)."""
