"""Properties of what parses the bytes of a server, on mutated messages."""
