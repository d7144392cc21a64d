"""The arguments that every method takes: uploads, options of a call, and omitted fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, Final, Literal, Self, TypedDict

if TYPE_CHECKING:
    import httpx

    from polargrid_runtime.response import ResponseMeta

#: An upload: a path, bytes, a file opened in binary mode, or (file name, any of these, media type).
File = (
    str
    | PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | IO[bytes]
    | tuple[str, "str | PathLike[str] | bytes | IO[bytes]"]
    | tuple[str, "str | PathLike[str] | bytes | IO[bytes]", str]
)


class CallOptions(TypedDict, total=False):
    """Options of a single call, accepted by every method. An omitted option keeps the client's value."""

    timeout: float | httpx.Timeout | None
    """Timeout of each network operation (connect, send, read) in seconds, or an httpx.Timeout."""
    idle_timeout: float | None
    """Seconds to wait for the response headers, and between two events of a stream."""
    deadline: float | None
    """Seconds for the entire call, including its retries and its stream."""
    max_retries: int | None
    """Number of retries after the first attempt; 0 disables retries."""
    on_meta: Callable[[ResponseMeta], object] | None
    """Callback that receives the metadata of the call when it ends; bytes and str responses have no `meta`."""
    extra_headers: Mapping[str, str] | None
    """Additional request headers."""
    extra_query: Mapping[str, Any] | None
    """Additional query parameters."""
    extra_body: Mapping[str, Any] | None
    """Additional fields of the request body; they override fields of the same name."""


class CallInputs(TypedDict, total=False):
    """What a method sends beside the fields of its body, by the names of its arguments."""

    files: Mapping[str, Any] | None
    parameters: Mapping[str, Any] | None


class NotGiven:
    """Type of the default of an omitted argument: the field is not sent, while None is sent as null.

    It has one value: `NotGiven()` is NOT_GIVEN.
    """

    _value: Self | None = None

    def __new__(cls) -> Self:
        if cls._value is None:
            cls._value = super().__new__(cls)
        return cls._value

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven()


def provided_fields(**fields: Any) -> dict[str, Any]:
    """Return the fields without those that are NOT_GIVEN."""
    return {name: value for name, value in fields.items() if value is not NOT_GIVEN}
