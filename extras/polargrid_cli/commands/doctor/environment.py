"""Checks without network: versions, settings and their sources, proxies."""

from __future__ import annotations

import difflib
import platform
import re
import ssl
import sysconfig
from collections.abc import Collection, Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from polargrid.config import LOCAL_KEY
from polargrid_cli.commands.doctor.finding import Finding

DEPENDENCIES = ("httptools", "httpx", "pydantic", "attrs", "click", "rich")
EXTRAS = {"edge": "uvicorn", "contract": "schemathesis"}
#: Systems for which packages of the extra `edge` have no wheels: those packages, and what to do.
SYSTEMS_WITHOUT_WHEELS = {
    "Linux with musl": (
        ("xllamacpp", "onnxruntime", "ctranslate2"),
        "use a system with glibc, like the image python:3.13-slim",
    ),
    "Windows on ARM": (("xllamacpp", "ctranslate2"), "install Python for x64, which runs there as well"),
    "macOS on Intel with Python 3.14": (("onnxruntime",), "install Python 3.13, for which it has older wheels"),
}
EXTRAS_WITH_WHEELS = frozenset({"edge"})
VARIABLES = (
    *("POLARGRID_API_KEY", "POLARGRID_REGION", "POLARGRID_BASE_URL", "POLARGRID_LOG"),
    "POLARGRID_AUTOROUTER",
    *("POLARGRID_EDGE_CONFIG", "POLARGRID_EDGE_UPSTREAM_KEY"),
    *("POLARGRID_EDGE_KEYS", "POLARGRID_CACHE", "POLARGRID_MODELS_DIR", "POLARGRID_DATA"),
    "POLARGRID_STATE",
)
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_USERINFO = re.compile(r"(?<=://)[^/@]*@|^[^/@]*@")


def check_versions() -> Iterator[Finding]:
    """Report what is installed."""
    python = f"{platform.python_version()} ({platform.python_implementation()}, {platform.platform()})"
    yield Finding("versions", "Python", python)
    yield Finding("versions", "OpenSSL", ssl.OPENSSL_VERSION)
    for name in ("polargrid", *DEPENDENCIES):
        yield Finding("versions", name, _version(name))
    for extra, package in EXTRAS.items():
        state = "installed" if find_spec(package) else f"not installed; {_describe_installation(extra)}"
        yield Finding("versions", f"extra {extra}", state)


def _describe_installation(extra: str) -> str:
    """Say how to install an extra, or that pip cannot, as some of its packages have no wheels for this system."""
    soabi = str(sysconfig.get_config_var("SOABI"))
    system = find_system_without_wheels(sysconfig.get_platform(), soabi, platform.machine())
    if extra in EXTRAS_WITH_WHEELS and system is not None:
        names, advice = SYSTEMS_WITHOUT_WHEELS[system]
        return f"no wheels of {', '.join(names)} for {system}; {advice}"
    return f"pip install 'polargrid[{extra}]' installs it"


def find_system_without_wheels(system: str, soabi: str, machine: str) -> str | None:
    """Return the system, as SYSTEMS_WITHOUT_WHEELS names it, by what Python says of itself; None for others."""
    if "musl" in soabi:
        return "Linux with musl"
    if system.startswith("macosx") and machine == "x86_64" and soabi.startswith("cpython-314"):
        return "macOS on Intel with Python 3.14"
    return "Windows on ARM" if system == "win-arm64" else None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def check_settings(
    environ: Mapping[str, str],
    client_options: Mapping[str, Any],
    option_variables: Collection[str],
    *,
    has_key: bool,
) -> Iterator[Finding]:
    """Report which settings apply and their sources, never the key itself."""
    if has_key:
        yield Finding("settings", "API key", _describe_key(environ, client_options))
    endpoint = describe_endpoint(environ, client_options)
    yield Finding("settings", "endpoint", endpoint or "not set; the nearest region is used")
    if environ.get("POLARGRID_LOG"):
        yield Finding("settings", "log", f"{environ['POLARGRID_LOG']}, from POLARGRID_LOG")
    names = {*VARIABLES, *option_variables}
    for name in sorted(name for name in environ if name.startswith("POLARGRID_") and name not in names):
        similar = difflib.get_close_matches(name, sorted(names), 1)
        yield Finding("settings", name, "unknown variable", f"did you mean {similar[0]}?" if similar else "unset it")


def _describe_key(environ: Mapping[str, str], client_options: Mapping[str, Any]) -> str:
    """Describe the source of the key by the SDK's rules: the environment's key is not sent to `--region local`."""
    endpoint = describe_endpoint(environ, client_options)
    is_local = endpoint is not None and endpoint.startswith("local, ")
    if client_options.get("api_key"):
        return "from --api-key, which is visible in the process list"
    if environ.get("POLARGRID_API_KEY") and not is_local:
        return "from POLARGRID_API_KEY"
    return f"not set; {LOCAL_KEY} is used for a server on this machine"


def describe_endpoint(environ: Mapping[str, str], client_options: Mapping[str, Any]) -> str | None:
    """Describe which endpoint is selected and by what, in the SDK's order of precedence; None if none is."""
    for name, option in (("base_url", "--base-url"), ("region", "--region")):
        if client_options.get(name):
            return f"{_hide_userinfo(client_options[name])}, from {option}"
    for name in ("POLARGRID_BASE_URL", "POLARGRID_REGION"):
        if environ.get(name):
            return f"{_hide_userinfo(environ[name])}, from {name}"
    return None


def check_network(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Report the proxies and the trusted certificates that the environment selects."""
    proxies = [name for name in environ if name.lower() in _PROXY_VARIABLES and environ[name]]
    for name in sorted(proxies):
        yield Finding("network", name, _hide_userinfo(environ[name]))
    if not proxies:
        yield Finding("network", "proxies", "none in the environment")
    for name in _CERTIFICATE_VARIABLES:
        if path := environ.get(name):
            remedy = "" if Path(path).exists() else f"{path} does not exist; correct or unset {name}"
            yield Finding("network", name, path, remedy)


def _hide_userinfo(url: str) -> str:
    """Mask the user name and password of a URL."""
    return _USERINFO.sub("…@", url)
