"""The schema suite: schemathesis generates requests from openapi.yaml and checks the responses."""
