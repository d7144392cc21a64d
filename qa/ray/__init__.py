"""Bulk runs on Ray, in an environment that has it: kills, speed, and the same results as on one machine."""
