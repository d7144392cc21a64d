"""Contract tester: checks a server against the PolarGrid API contract."""
