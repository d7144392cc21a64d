"""The transports of async clients."""
