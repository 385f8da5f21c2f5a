"""What the experiments on regression share: made-up data, their noise, and settings."""
