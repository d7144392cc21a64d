"""Cassettes: real traffic of a program, recorded once and replayed byte for byte."""
