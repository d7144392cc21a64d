"""Map exceptions to error responses; failures of the edge itself are logged here."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from polargrid_edge.errors import EdgeError, internal_error, invalid_request, shorten
from polargrid_edge.http.request_record import current_record
from polargrid_edge.http.responses import to_json_bytes
from polargrid_edge.media.audio import AudioError
from polargrid_edge.models.catalog import UnknownModelError
from polargrid_edge.models.files import SourceError
from polargrid_edge.request_id import request_id as request_id

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_log = logging.getLogger("polargrid_edge")

_MAX_DETAILS: Final = 20
_MAX_ERRORS: Final = 1000


def new_request_id() -> str:
    return f"req_{uuid.uuid4().hex}"


def to_error(exception: BaseException) -> EdgeError:
    """Map an exception to an API error. A failure of the edge itself is logged with its traceback.

    The exception loses its traceback: where it was raised on a thread, its frames and a future refer to each other, and
    would hold the body of the request until the garbage collector runs.
    """
    error = from_exception(exception)
    if error is None:
        _log.error("Request %s failed", request_id.get("?"), exc_info=exception)
        error = internal_error()
    record = current_record.get()
    if record is not None:
        record.error = error.code
    exception.__traceback__ = exception.__cause__ = exception.__context__ = None
    return error


def error_envelope(exception: BaseException) -> dict[str, Any]:
    return to_error(exception).envelope()


def error_response(exception: BaseException) -> Response:
    error = to_error(exception)
    return Response(to_json_bytes(error.envelope()), error.status, error.headers, "application/json")


def from_exception(exception: BaseException) -> EdgeError | None:
    """Map an exception that the client caused or can act on; None for a failure of the edge itself."""
    match exception:
        case EdgeError():
            return exception
        case UnknownModelError():
            return EdgeError(404, exception.message, "model_not_found", param="model")
        case SourceError():
            return EdgeError(503, exception.message, "model_unavailable")
        case AudioError():
            return invalid_request(str(exception), "file", "invalid_audio")
        case _:
            return None


def from_validation(exception: ValidationError, data: object) -> EdgeError:
    """Map a validation failure of the body `data`, which separates fields from names of types."""
    errors = exception.errors(include_url=False, include_context=False, include_input=False)
    messages = _messages_by_path(errors[:_MAX_ERRORS], data)
    first = next(iter(messages))
    # Where a field may have one of several types, the type that fits best fails deepest.
    path = max((path for path in messages if path[:1] == first[:1]), key=len)
    details = {field_name(key): " or ".join(texts) for key, texts in list(messages.items())[:_MAX_DETAILS] if key}
    name, sentence = field_name(path), " or ".join(messages[path])
    message = f"{name}: {sentence}" if name else f"invalid body: {sentence}"
    if len(errors) > _MAX_DETAILS:
        message += f" (one of {len(errors):,} errors)"
    return EdgeError(400, message, "invalid_value", param=name or None, details=details)


Path = tuple[str | int, ...]


def _messages_by_path(errors: Iterable[ErrorDetails], data: object) -> dict[Path, list[str]]:
    messages: dict[Path, list[str]] = {}
    for error in errors:
        path = _path_in_data(error["loc"], data, missing=error["type"] == "missing")
        texts = messages.setdefault(path, [])
        sentence = shorten(error["msg"])
        if sentence not in texts:
            texts.append(sentence)
    return messages


def _path_in_data(loc: Path, data: object, *, missing: bool) -> Path:
    """Pydantic's location without the names of types that it inserts."""
    path: list[str | int] = []
    for step in loc:
        is_item = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if is_item or (isinstance(data, Mapping) and step in data):
            data = data[step]  # type: ignore[index]
            path.append(step)
    return (*path, loc[-1]) if missing and loc else tuple(path)


def field_name(path: Path) -> str:
    """A path in a body in the notation of code: `messages[0].role`."""
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return shorten(name.removeprefix("."))
