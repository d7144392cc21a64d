"""What a caller sends besides: headers, fields of the query, fields of the request; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from polargrid.errors import ValidationError

_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")  # RFC 9110, 5.6.2
#: What the SDK says itself, because the request would be another one, or not be understood.
_OURS = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type"}
    | {"expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"}
)


@attrs.frozen
class Extra:
    """What goes with each request besides; it may be secret, and does not show."""

    headers: Mapping[str, str] = attrs.field(default={}, repr=False)
    query: Mapping[str, Any] = attrs.field(default={}, repr=False)
    body: Mapping[str, Any] = attrs.field(default={}, repr=False)

    def with_more(self, more: Mapping[str, Mapping[str, Any]]) -> Extra:
        """These and more of them; what is new goes before what was there."""
        return attrs.evolve(self, **{name: {**getattr(self, name), **values} for name, values in more.items()})


def checked_extra(name: str, given: Any) -> dict[str, Any]:
    """The option `extra_headers`, `extra_query` or `extra_body`. Raises ValidationError, naming what is wrong."""
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise ValidationError(f'{name}: a mapping is needed, like {{"name": "value"}}', param=name)
    if name == "extra_query":
        _check_query(given)
    if name != "extra_headers":
        return dict(given)
    headers = {key.lower(): value for key, value in given.items()}
    for key, value in headers.items():
        if key in _OURS:
            more = "; a key is given as api_key" if key == "authorization" else ""
            raise ValidationError(f"extra_headers: {key} is said by the SDK{more}", param=name)
        if not key or set(key) - _NAME:
            raise ValidationError(f"extra_headers: {key!r} is no name of a header", param=name)
        if not isinstance(value, str) or not value.isascii() or not value.replace("\t", " ").isprintable():
            raise ValidationError(f"extra_headers: {key}: a line of ASCII text is needed", param=name)
    return headers


def _check_query(given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        items = value if isinstance(value, list | tuple) else [value]
        try:
            good = all(item is None or isinstance(item, str | int | float) for item in items)
            "".join([name, *map(str, items)]).encode()
        except UnicodeEncodeError:  # half a surrogate pair
            good = False
        if not good:
            what = "text, a number, or a list of these is needed"
            raise ValidationError(f"extra_query: {name!r}: {what}", param="extra_query")
