"""The behaviour checks. Importing this package registers all of them."""

from importlib import import_module
from pkgutil import iter_modules

from polargrid_contract.registry import Check, list_checks

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def all_checks() -> tuple[Check, ...]:
    """Return every behaviour check, in the order of the modules."""
    return list_checks()
