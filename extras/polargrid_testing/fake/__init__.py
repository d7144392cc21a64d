"""The scripted edge: rules, the answers that they give, and whether these are valid by openapi.yaml."""
