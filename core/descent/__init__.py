"""Points going down a surface: their settings, their moves, their outcomes."""
