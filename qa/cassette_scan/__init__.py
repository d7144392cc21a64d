"""Records hostile traffic in cassettes, and searches their files for the credentials in it."""
