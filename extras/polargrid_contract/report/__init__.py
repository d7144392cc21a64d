"""What came of a run, and the ways to show it: on a terminal, as JUnit XML, as JSON, as one HTML page."""
