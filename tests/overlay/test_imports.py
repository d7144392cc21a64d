"""What an import loads: programs that do not send requests do not wait for what requests need."""

import subprocess
import sys

import pytest

TRANSPORTS = ["certifi", "h11", "httpcore", "httpx", "httpx2", "polargrid_fast", "trio"]
EXTRAS = ["click", "polargrid_cli", "polargrid_contract", "polargrid_edge", "pytest", "rich", "schemathesis"]
TYPES = ["polargrid.types", "polargrid_generated.models", "polargrid_generated.raw"]


def list_modules(statement: str) -> set[str]:
    """Return the modules that a statement loads in a new interpreter."""
    script = f"import sys; before = set(sys.modules)\n{statement}\nprint(*set(sys.modules) - before)"
    command = [sys.executable, "-I", "-c", script]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.split())


def select(packages: list[str], modules: set[str]) -> list[str]:
    """Return the modules that are one of the packages, or below one."""
    return sorted(name for name in modules if any(f"{name}.".startswith(f"{package}.") for package in packages))


def test_package():
    """`import polargrid` loads no other module of the SDK, and no dependency."""
    modules = list_modules("import polargrid")
    packages = ["anyio", "asyncio", "attr", "json", "logging", "pydantic", "ssl", "polargrid_generated"]
    assert select([*packages, *TRANSPORTS, *EXTRAS, *TYPES], modules) == []
    assert select(["polargrid"], modules) == ["polargrid"]


def test_names_of_openai():
    """`import polargrid.openai` costs as little, and a client needs no HTTP library."""
    assert (
        select(["attr", "pydantic", "polargrid_generated", *TRANSPORTS], list_modules("import polargrid.openai")) == []
    )
    assert select([*TRANSPORTS, *EXTRAS, *TYPES], list_modules("from polargrid.openai import OpenAI, APIError")) == []


def test_errors():
    """An exception class loads no client."""
    modules = list_modules("from polargrid import PolarGridError")
    assert select([*TRANSPORTS, *EXTRAS, *TYPES, "pydantic", "polargrid.client", "polargrid._async"], modules) == []


@pytest.mark.parametrize("kind", ["PolarGrid", "PolarGridSync"])
def test_client(kind):
    """A client loads the HTTP library with its first request, and the types with the first operation."""
    modules = list_modules(f"import polargrid\nclient = polargrid.{kind}(base_url='http://127.0.0.1:1')")
    assert select([*TRANSPORTS, *EXTRAS, *TYPES], modules) == []


@pytest.mark.parametrize(("kind", "other"), [("PolarGrid", "_sync"), ("PolarGridSync", "_async")])
def test_client_loads_one_implementation(kind, other):
    """The async or the sync one."""
    modules = list_modules(f"from polargrid import {kind}")
    assert (
        select([f"{package}.{other}" for package in ("polargrid", "polargrid_runtime", "polargrid_transport")], modules)
        == []
    )
