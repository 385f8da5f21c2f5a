"""Everything between an experiment and a person."""
