"""What a run of 100 million rows costs: measured costs of a row, and the real limiter against a model of servers."""
