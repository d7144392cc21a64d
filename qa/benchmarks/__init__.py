"""What the SDK itself costs, beside its peers; `make bench`."""
