"""Text as a net reads it: pieces of words, and what is counted of them."""
