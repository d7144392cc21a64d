"""What the SDK must survive: one fault a test, on both clients. docs/faults.md is the table of them."""
