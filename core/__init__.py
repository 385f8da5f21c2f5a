"""The laboratory: experiments that advance one step at a time. Knows no user interface."""
