"""Records again without noise in the diff: what says the same as before keeps its text; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from polargrid_testing.cassettes.noise import Renames, find_renames
from polargrid_testing.cassettes.recording import Interaction, RecordedPiece


def keep_old(new: Sequence[Interaction], old: Sequence[Interaction]) -> list[Interaction]:
    """Return the new interactions, those that equal an old one except for noise as they were, in the old order.

    An id of a response that is kept is called as it was in what follows, too: a program may have sent it back.
    """
    renames: Renames = {}
    last_of_key: dict[str, int] = {}
    placed: list[tuple[int, Interaction]] = []
    used: set[int] = set()
    previous = -1
    for item in new:
        renamed = rename_ids(item, renames)
        request = renamed.request
        # Responses to the same request keep the order in which they were received now.
        start = last_of_key.get(request.key, -1) + 1
        for number in range(start, len(old)):
            if number in used or (old[number].request.key, old[number].request.origin) != (request.key, request.origin):
                continue
            matches = find_renames(renamed.response, old[number].response)
            if matches is not None:
                renames |= matches
                used.add(number)
                last_of_key[request.key] = previous = number
                placed.append((number, old[number]))
                break
        else:
            placed.append((previous, renamed))
            last_of_key[request.key] = max(previous, last_of_key.get(request.key, -1))
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def rename_ids(item: Interaction, renames: Renames) -> Interaction:
    """Return an interaction with other ids."""
    text = item.request.key + item.response.content.decode("latin-1")
    present = [name for name in renames if name in text]  # a pattern of all of them takes a second to build
    if not present:
        return item
    pattern = re.compile("|".join(map(re.escape, sorted(present, key=len, reverse=True))))

    def rename(text: str) -> str:
        return pattern.sub(lambda match: renames[match[0]], text)

    request, response = item.request, item.response
    query = tuple((name, rename(value)) for name, value in request.query)
    request = replace(request, path=rename(request.path), query=query, body=_rename_strings(request.body, rename))
    body = response.body
    renamed = (
        _rename_bytes(body, rename)
        if isinstance(body, bytes)
        else tuple(RecordedPiece(_rename_bytes(item.data, rename), item.ms) for item in body)
    )
    return Interaction(request, replace(response, body=renamed))


def _rename_bytes(data: bytes, rename: Callable[[str], str]) -> bytes:
    return rename(data.decode("latin-1")).encode("latin-1")  # ids are ASCII


def _rename_strings(value: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return rename(value)
    if isinstance(value, list):
        return [_rename_strings(item, rename) for item in value]
    if isinstance(value, dict):
        return {name: _rename_strings(item, rename) for name, item in value.items()}
    return value
