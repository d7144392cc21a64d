"""What the SDK costs, beside other SDKs; `make bench`."""
