"""Runs the blocks of docs/guide/engines.md, each with its engine."""
