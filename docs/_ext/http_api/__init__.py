"""Writes the pages of the HTTP API: openapi.json -> Markdown, a page for each tag and one for what tags share."""
