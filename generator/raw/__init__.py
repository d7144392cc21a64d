"""The raw client: the document as openapi-python-client has to see it, and corrections of what it writes; pure."""
