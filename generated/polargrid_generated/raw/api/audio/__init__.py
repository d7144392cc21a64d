# Made from openapi.yaml by `make generate`; change that, not this.
"""Contains endpoint functions for accessing the API"""
