"""Two nets that play against one another: their losses, and what becomes of the game."""
