"""Whatever an edge sends, nothing but the SDK's own exceptions comes out, and it does not matter how it is cut."""
