"""Streams and the base class of async clients."""
