"""Adds operations to openapi.yaml in a copy of the repository, and runs what follows the document on it."""
