"""Writes a module with a function for each call and client: what mypy checks is what runs."""

from __future__ import annotations

import re
import textwrap

from tests.generator.corpus.entries import Call, Construct

CLIENTS = ("async", "sync")
#: What is invalid when it is sent may be invalid for mypy as well.
_INVALID = "  # type: ignore[arg-type, dict-item, list-item, unused-ignore]"
_HEAD = '''\
"""Every call of the corpus."""

from contextlib import aclosing, closing
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, assert_type
from uuid import UUID

from polargrid import PolarGrid, PolarGridSync, errors, types
'''


def write_program(constructs: list[Construct]) -> tuple[str, dict[int, str]]:
    """Return the text of the module, and the name of the construct by the number of each of its lines."""
    lines = _HEAD.splitlines()
    owners: dict[int, str] = {}
    for construct in constructs:
        start = len(lines)
        for call in construct.calls:
            for kind in CLIENTS:
                lines += _function(call, kind)
        owners |= dict.fromkeys(range(start + 1, len(lines) + 1), construct.name)
    return "\n".join(lines) + "\n", owners


def write_rejects(constructs: list[Construct]) -> tuple[str, dict[int, str]]:
    """Return a module whose lines mypy must reject, and the name of the construct by the number of each such line."""
    lines = _HEAD.splitlines()
    owners: dict[int, str] = {}
    for construct in constructs:
        for index, code in enumerate(construct.rejects):
            identifier = construct.name.replace("-", "_")
            lines += ["", "", f"def reject_{identifier}_{index}(client: PolarGridSync) -> None:"]
            statement = code if code.startswith(("client", "types", "result", "for ")) else f"client.{code}"
            lines.append(f"    {' '.join(statement.split())}")
            owners[len(lines)] = construct.name
    return "\n".join(lines) + "\n", owners


def _function(call: Call, kind: str) -> list[str]:
    facts = call.facts
    client, prefix = ("PolarGrid", "async ") if kind == "async" else ("PolarGridSync", "")
    head = ["", "", f"{prefix}def {kind}_{call.function}(client: {client}) -> Any:"]
    body = [*_statements(call, kind)]
    if "type" in facts:
        body.append(f"assert_type(result, {facts['type']})")
    body += [f"assert ({' '.join(condition.split())}), repr(result)" for condition in facts.get("then", [])]
    body.append("return result")
    return head + [f"    {line}" for line in body]


def _statements(call: Call, kind: str) -> list[str]:
    facts = call.facts
    if "run" in facts:
        code = textwrap.dedent(facts["run"]).rstrip()
        return (code if kind == "async" else _drop_async(code)).splitlines()
    expression = " ".join(facts.get("stream", facts.get("call", "")).split())
    if "call" in facts:
        statement = f"result = await client.{expression}" if kind == "async" else f"result = client.{expression}"
        return [statement + _INVALID * (facts.get("raises") == "ValidationError")]
    is_awaited = expression.startswith("await ")
    source = f"client.{expression.removeprefix('await ')}"
    if kind == "sync":
        return [f"stream = {source}", "result = [chunk for chunk in stream]"]
    return [f"stream = {'await ' if is_awaited else ''}{source}", "result = [chunk async for chunk in stream]"]


def _drop_async(code: str) -> str:
    return re.sub(r"\b(await|async) ", "", code.replace("aclosing", "closing").replace("anext", "next"))
