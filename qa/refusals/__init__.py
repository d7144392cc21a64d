"""How long the local edge takes to reject a hostile request, by operation and by kind of request."""
