"""`polargrid doctor`: what is wrong between this machine and an edge, and what to do about it."""

from polargrid_cli.doctor.examination import run as run
