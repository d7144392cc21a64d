"""The faults of the server, by name: each is a function of one exchange."""

from __future__ import annotations

from importlib import import_module

from qa.stress.faults.registry import FAULTS, Fault

for _name in ("connections", "heads", "bodies", "contents", "statuses", "timing", "streams", "uploads"):
    import_module(f"qa.stress.faults.{_name}")

__all__ = ["FAULTS", "Fault"]
