"""A cassette as YAML that a person reads and a diff shows well; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

import yaml
from yaml.emitter import ScalarAnalysis

from polargrid_testing.cassettes.body_notation import describe_body, describe_bytes
from polargrid_testing.cassettes.errors import CassetteFormatError
from polargrid_testing.cassettes.recording import Interaction, RecordedRequest, RecordedResponse
from polargrid_testing.cassettes.yaml_reader import read_interactions

VERSION = 1
_HEADER = "# Recorded by polargrid_testing. To record it again: pytest --polargrid-record=all\n"
_ALTERED_BREAKS = re.compile("[\x85\u2028\u2029]")  # readers of YAML take them for line breaks
_BASE64_LINES = re.compile(r"(?:[A-Za-z0-9+/=]{1,100}\n)+")
ADVICE = "record it again, with --polargrid-record=all of pytest or POLARGRID_RECORD=all, or delete it"


def _build_loader(base: Any) -> Any:
    """A date that a person writes without quotes is a text, as in JSON."""
    resolvers = {
        first: [(tag, pattern) for tag, pattern in items if tag != "tag:yaml.org,2002:timestamp"]
        for first, items in base.yaml_implicit_resolvers.items()
    }
    return type("Loader", (base,), {"yaml_implicit_resolvers": resolvers})


_Loader = _build_loader(yaml.SafeLoader)
_FastLoader = _build_loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # ten times as fast


class _Dumper(yaml.SafeDumper):
    """Written in Python also where libyaml is installed: a cassette looks the same on every machine."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> Any:
        if not _BASE64_LINES.fullmatch(scalar):
            return super().analyze_scalar(scalar)
        return ScalarAnalysis(
            scalar,
            empty=False,
            multiline=True,
            allow_flow_plain=False,
            allow_block_plain=False,
            allow_single_quoted=True,
            allow_double_quoted=True,
            allow_block=True,
        )

    def write_literal(self, text: str) -> None:
        """Write base64 at once, not character by character: audio has millions of them."""
        if not _BASE64_LINES.fullmatch(text):
            super().write_literal(text)
            return
        self.write_indicator("|", True)
        self.write_line_break()
        indent, lines = " " * (self.indent or 0), text.splitlines(keepends=True)
        self.stream.write(indent + indent.join(lines))
        self.whitespace = self.indention = True
        self.line += len(lines)
        self.column = 0


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _ALTERED_BREAKS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def render_cassette(interactions: Iterable[Interaction]) -> str:
    """Return the text of a cassette."""
    items = [
        {"request": describe_request(item.request), "response": _describe_response(item.response)}
        for item in interactions
    ]
    return _HEADER + render_yaml({"version": VERSION, "interactions": items})


def parse_cassette(text: str, name: str) -> list[Interaction]:
    """Return the interactions of a cassette. Raises `CassetteFormatError`, which says what is wrong in `name`."""
    try:
        data = _load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise CassetteFormatError(f"{name} is no YAML: {error}\n{ADVICE}") from error
    if not isinstance(data, dict) or data.get("version") != VERSION:
        version = data.get("version") if isinstance(data, dict) else None
        raise CassetteFormatError(f"{name}: expected a cassette of version {VERSION}, not {version!r}; {ADVICE}")
    try:
        return read_interactions(data)
    except ValueError as error:
        raise CassetteFormatError(f"{name}: {error}") from None


def has_header(data: bytes) -> bool:
    """Whether a file was written as a cassette, even if it cannot be read: a merge may have left its marks in it."""
    return _HEADER.partition(".")[0].encode() in data[:1024]


def render_yaml(value: Any) -> str:
    """Return plain data as YAML, its keys in their order."""
    options: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 2**31, "default_flow_style": False}
    return cast("str", yaml.dump(value, Dumper=_Dumper, **options))


def _load(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_FastLoader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError:  # libyaml rejects lone surrogates, which JSON may have
        return yaml.load(text, Loader=_Loader)  # noqa: S506


def describe_request(request: RecordedRequest) -> dict[str, Any]:
    """Return a request as plain data."""
    facts: dict[str, Any] = {"method": request.method, "origin": request.origin, "path": request.path}
    if request.query:
        facts["query"] = [{name: value} for name, value in request.query]
    if request.headers:
        facts["headers"] = dict(sorted(request.headers.items()))
    if request.body is not None:
        facts["body"] = request.body
    return facts


def _describe_response(response: RecordedResponse) -> dict[str, Any]:
    facts: dict[str, Any] = {"status": response.status, "ms": response.ms}
    if response.headers:
        facts["headers"] = dict(sorted(response.headers.items()))
    if not isinstance(response.body, bytes):
        facts["stream"] = [{"ms": item.ms, **describe_bytes(item.data)} for item in response.body]
    elif response.body:
        facts["body"] = describe_body(response.body)
    if response.end != "complete":
        facts["end"] = response.end
    return facts
