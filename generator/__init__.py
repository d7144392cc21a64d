"""openapi.yaml -> generated/polargrid_generated/. Not shipped."""
