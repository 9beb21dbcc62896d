"""Error texts for text that is no expression."""
