"""Measures how many seeded faults `polargrid contract` detects, and how many legal variations it reports wrongly."""
