"""The recorded request that a request matches, or how it differs from the closest one; pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence

from polargrid_testing.cassettes.recording import Interaction, RecordedRequest
from polargrid_testing.cassettes.yaml_format import describe_request, render_yaml

_MAX_LINES = 60
_MAX_COMPARED = 400  # lines of a request in which the closest one is searched
_MAX_WIDTH = 300


def find_match(request: RecordedRequest, interactions: Sequence[Interaction]) -> int | None:
    """Return the number of the first interaction with the same request, of the same server if there is one."""
    matches = [number for number, item in enumerate(interactions) if item.request.key == request.key]
    same_origin = [number for number in matches if interactions[number].request.origin == request.origin]
    return next(iter(same_origin or matches), None)


def find_closest(request: RecordedRequest, interactions: Sequence[Interaction]) -> RecordedRequest | None:
    """Return the recorded request that resembles a request most: of the same operation, if there is one."""
    requests = list({item.request.key: item.request for item in interactions}.values())
    candidates = [item for item in requests if (item.method, item.path) == (request.method, request.path)] or requests
    lines = _list_compared(request)
    matcher: difflib.SequenceMatcher[str] = difflib.SequenceMatcher(b=lines, autojunk=False)

    def similarity(candidate: RecordedRequest) -> float:
        matcher.set_seq1(_list_compared(candidate))
        return matcher.ratio()

    return max(candidates, key=similarity, default=None)


def diff_requests(recorded: RecordedRequest, sent: RecordedRequest) -> str:
    """Return a unified diff of two requests as YAML; empty if only their origins differ."""
    texts = _list_lines(recorded), _list_lines(sent)
    lines = list(difflib.unified_diff(*texts, "recorded", "sent", lineterm=""))
    if len(lines) > _MAX_LINES:
        lines[_MAX_LINES:] = [f"... {len(lines) - _MAX_LINES} more lines"]
    return "\n".join(_shorten_changes(lines))


def describe_mismatch(
    request: RecordedRequest, interactions: Sequence[Interaction], name: str, mode: str, *, is_missing: bool = False
) -> str:
    """Say that a request is not in a cassette, and why; `interactions` are all that it has, if there is a file."""
    count = sum(item.request.key == request.key for item in interactions)
    title = f"{request.method} {request.path}"
    if count:
        times = "once" if count == 1 else f"{count} times"
        message = f"{title}: the program sent it more often than {name} has it, {times}"
    elif is_missing:
        message = f"{title}: there is no cassette {name}"
    elif (closest := find_closest(request, interactions)) is None:
        message = f"{title}: {name} has no requests"
    else:
        message = f"{title}: not in {name}. The closest recorded request differs:\n{diff_requests(closest, request)}"
    return f"{message}\nNothing is recorded (mode {mode}); to record it: {_ADVICE}"


_ADVICE = "--polargrid-record=new (adds it) or =all (records everything again) of pytest, or POLARGRID_RECORD=new"


def _list_compared(request: RecordedRequest) -> list[str]:
    """JSON, which is faster to write than YAML: a cassette may have a thousand requests."""
    facts = describe_request(request)
    del facts["origin"]
    return json.dumps(facts, indent=1, default=str).splitlines()[:_MAX_COMPARED]


def _shorten_changes(lines: list[str]) -> list[str]:
    """Cut long lines to what is around a difference, so that a prompt of a megabyte can be read."""
    shortened = []
    for line in lines:
        opposite = {"-": "+", "+": "-"}.get(line[0])
        same = max((_count_same(line[1:], other[1:]) for other in lines if other[0] == opposite), default=0)
        shortened.append(line[0] + _shorten(line[1:], max(same - _MAX_WIDTH // 2, 0)))
    return shortened


def _count_same(first: str, second: str) -> int:
    """Return the length of the beginning that two texts share."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if first[:middle] == second[:middle] else (low, middle - 1)
    return low


def _shorten(line: str, start: int) -> str:
    if len(line) <= _MAX_WIDTH:
        return line
    end = start + _MAX_WIDTH
    before = f"[{start} characters] " if start else ""
    after = f" [{len(line) - end} characters]" if len(line) > end else ""
    return f"{before}{line[start:end]}{after}"


def _list_lines(request: RecordedRequest) -> list[str]:
    facts = describe_request(request)
    del facts["origin"]
    return render_yaml(facts).splitlines()
