"""What the SDK costs and leaves behind in the long run, measured against an edge in another process."""
