"""What goes wrong, as an answer: a status and the error envelope of the API. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from polargrid_edge.audio import AudioError
from polargrid_edge.catalog import UnknownModelError
from polargrid_edge.sources import SourceError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_TYPES: Final = {
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}
# A message repeats what the client sent, which may be megabytes.
_LONGEST_MESSAGE: Final = 500
_MOST_DETAILS: Final = 20


class EdgeError(Exception):
    """An answer that is an error. `param` names the field at fault, `details` tells more, field by field."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str,
        *,
        param: str | None = None,
        details: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = _shortened(message)
        self.type = _TYPES.get(status, "invalid_request_error")
        self.code = code
        self.param = param
        self.details = details
        self.headers = dict(headers or {})

    def envelope(self) -> dict[str, Any]:
        """The body of the answer; what is not known is left out."""
        error: dict[str, Any] = {"message": self.message, "type": self.type, "code": self.code}
        if self.param is not None:
            error["param"] = _shortened(self.param)
        if self.details:
            error["details"] = dict(self.details)
        return {"error": error}


def invalid(message: str, param: str | None = None, code: str = "invalid_value") -> EdgeError:
    """A request that cannot be served as it is: 400."""
    return EdgeError(400, message, code, param=param)


def internal() -> EdgeError:
    """A fault of the edge itself: what it was is in the log, not in the answer."""
    return EdgeError(500, "The edge failed. Its log says more, under the id of this request.", "internal_error")


def from_exception(raised: BaseException) -> EdgeError | None:
    """The answer that an exception stands for; None where it is a fault of the edge."""
    match raised:
        case EdgeError():
            return raised
        case UnknownModelError():
            return EdgeError(404, raised.message, "model_not_found", param="model")
        case SourceError():
            return EdgeError(503, raised.message, "model_unavailable")
        case AudioError():
            return invalid(str(raised), "file", "invalid_audio")
        case _:
            return None


def from_validation(raised: ValidationError, data: object) -> EdgeError:
    """The answer to a body that does not fit its type; `data` is the body, to tell fields from types."""
    faults = _faults(raised.errors(include_url=False, include_context=False, include_input=False), data)
    first = next(iter(faults))
    # Where a field may be one of several types, the type that fits best fails deepest.
    path = max((path for path in faults if path[:1] == first[:1]), key=len)
    sentences = {field_name(at): " or ".join(said) for at, said in list(faults.items())[:_MOST_DETAILS] if at}
    name, sentence = field_name(path), " or ".join(faults[path])
    message = f"{name}: {sentence}" if name else f"The body is not valid: {sentence}"
    return EdgeError(400, message, "invalid_value", param=name or None, details=sentences)


Path = tuple[str | int, ...]


def _faults(errors: Iterable[ErrorDetails], data: object) -> dict[Path, list[str]]:
    faults: dict[Path, list[str]] = {}
    for error in errors:
        path = _path(error["loc"], data, missing=error["type"] == "missing")
        said = faults.setdefault(path, [])
        sentence = _shortened(error["msg"])
        if sentence not in said:
            said.append(sentence)
    return faults


def _path(loc: Path, data: object, *, missing: bool) -> Path:
    """The place in the data: Pydantic's, without the names of types that it puts in between."""
    path: list[str | int] = []
    for step in loc:
        known: Any = data if isinstance(data, Mapping) else dict(enumerate(data)) if isinstance(data, list) else {}
        if step in known:
            data = known[step]
            path.append(step)
    return (*path, loc[-1]) if missing and loc else tuple(path)


def field_name(path: Path) -> str:
    """A place in a body as one writes it: `messages[0].role`."""
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return _shortened(written.removeprefix("."))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"
