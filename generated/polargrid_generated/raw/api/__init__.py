# Made from openapi.yaml by `make generate`; change that, not this.
"""Contains methods for accessing the API"""
