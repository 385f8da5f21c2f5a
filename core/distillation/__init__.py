"""A small net learns from a large one: from its answers, and from what goes on inside it."""
