"""From Python values to requests of an Operation, and from the bytes of its responses to models; no network."""
