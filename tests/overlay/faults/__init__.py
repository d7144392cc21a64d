"""Faults that the SDK must survive: one a test, on both clients. docs/faults.md is the table of them."""
