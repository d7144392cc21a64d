# Made from openapi.yaml by `make generate`; change that, not this.
"""What is made from openapi.yaml: types, operations, both surfaces, and the raw client."""
