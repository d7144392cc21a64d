"""What this machine brings: versions, settings and where they come from, proxies. No network."""

from __future__ import annotations

import difflib
import os
import platform
import re
import ssl
from collections.abc import Collection, Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from polargrid.config import LOCAL_KEY
from polargrid_cli.doctor.finding import Finding

PARTS = ("httptools", "httpx", "pydantic", "attrs", "click", "rich")
EXTRAS = {"edge": "uvicorn", "contract": "schemathesis"}
SETTINGS = (
    *("POLARGRID_API_KEY", "POLARGRID_REGION", "POLARGRID_BASE_URL", "POLARGRID_LOG"),
    *("POLARGRID_EDGE_KEYS", "POLARGRID_CACHE", "POLARGRID_MODELS_DIR"),
)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_LOGIN = re.compile(r"(?<=://)[^/@]*@|^[^/@]*@")


def versions() -> Iterator[Finding]:
    """What is installed."""
    python = f"{platform.python_version()} ({platform.python_implementation()}, {platform.platform()})"
    yield Finding("versions", "Python", python)
    yield Finding("versions", "OpenSSL", ssl.OPENSSL_VERSION)
    for name in ("polargrid", *PARTS):
        yield Finding("versions", name, metadata.version(name))
    for extra, package in EXTRAS.items():
        told = "installed" if find_spec(package) else f"not installed; pip install 'polargrid[{extra}]' brings it"
        yield Finding("versions", f"extra {extra}", told)


def settings(
    environ: Mapping[str, str], given: Mapping[str, Any], known: Collection[str], *, has_key: bool
) -> Iterator[Finding]:
    """What is set, and by what; the key itself is never told."""
    if has_key:
        yield _key(environ, given)
    yield Finding("settings", "edge", place(environ, given) or "none is named: the nearest region serves")
    if environ.get("POLARGRID_LOG"):
        yield Finding("settings", "log", f"{environ['POLARGRID_LOG']}, from POLARGRID_LOG")
    names = {*SETTINGS, *known}
    for name in sorted(name for name in environ if name.startswith("POLARGRID_") and name not in names):
        near = difflib.get_close_matches(name, sorted(names), 1)
        hint = f"did you mean {near[0]}?" if near else "unset it"
        yield Finding("settings", name, "nothing reads it", hint)


def _key(environ: Mapping[str, str], given: Mapping[str, Any]) -> Finding:
    """Where the key comes from, as `polargrid.config` finds it: one of the environment is not for a local edge."""
    named = place(environ, given)
    local = named is not None and named.startswith("local, ")
    if given.get("api_key"):
        told = "from --api-key, which others see in the list of processes"
    elif environ.get("POLARGRID_API_KEY") and not local:
        told = "from POLARGRID_API_KEY"
    else:
        told = f"none is set; an edge on this machine gets {LOCAL_KEY}"
    return Finding("settings", "API key", told)


def place(environ: Mapping[str, str], given: Mapping[str, Any]) -> str | None:
    """Which edge is named, and by what, in the order in which `polargrid.config` looks."""
    for name, option in (("base_url", "--base-url"), ("region", "--region")):
        if given.get(name):
            return f"{_without_login(given[name])}, from {option}"
    for name in ("POLARGRID_BASE_URL", "POLARGRID_REGION"):
        if environ.get(name):
            return f"{_without_login(environ[name])}, from {name}"
    return None


def network(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What the environment says of proxies and of trusted certificates."""
    proxies = [name for name in environ if name.lower() in _PROXIES and environ[name]]
    for name in sorted(proxies):
        yield Finding("network", name, _without_login(environ[name]))
    if not proxies:
        yield Finding("network", "proxies", "the environment names none")
    for name in _TRUST:
        if path := environ.get(name):
            there = os.path.exists(path)  # noqa: PTH110 - a file or a folder, whatever it is called
            yield Finding("network", name, path, "" if there else f"there is no {path}: correct it or unset it")


def _without_login(url: str) -> str:
    """The URL without a name and password, which stand before an @."""
    return _LOGIN.sub("…@", url)
