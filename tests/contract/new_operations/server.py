"""A real HTTP server with the operations of operations.yaml, which follows the contract except for one fault."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.contract.http_handler import HTTPHandler

KEY = "pg_new_operations"
MODEL = "tiny"
_LIMIT = 1_000_000  # bytes of a body
_TYPES = {401: "authentication_error", 404: "not_found_error"}
_FORM_FIELD = re.compile(rb'name="(\w+)"[^\0]*?\r\n\r\n(.*?)\r\n--', re.DOTALL)
_BOUNDARY = re.compile(r"boundary=(\S+)")
_UNRESERVED = re.compile(r"%(?:[46][1-9A-F]|[57][0-9A])", re.IGNORECASE)  # letters, which need no percent-encoding


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    operation: str
    target: str = ""
    """The target as it was sent."""
    version: str = "HTTP/1.1"
    number: int = 1
    """Which request of its connection it is."""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].lower()

    @property
    def identity(self) -> object:
        """Equal for equal requests; the boundary of a form makes no difference."""
        boundary = _BOUNDARY.search(self.headers.get("content-type", ""))
        body = self.body.replace(boundary[1].encode(), b"-") if boundary else self.body
        return self.operation, tuple(self.query.items()), body


@dataclass(frozen=True)
class Response:
    """A response. The server adds a request id."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def with_headers(self, **headers: str) -> Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(self.status, self.body, {**self.headers, **names})


Handle = Callable[[Request], Response]
Fault = Callable[[Request, Handle], Response]


def build_json(body: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(body).encode(), {"content-type": "application/json"})


def build_error(status: int, message: str, **headers: str) -> Response:
    error = {"message": message, "type": _TYPES.get(status, "invalid_request_error"), "code": "rejected"}
    return build_json({"error": error}, status).with_headers(**headers)


# Path template, method, query that the operation needs, and name.
_ROUTES: tuple[tuple[str, str, dict[str, str | None], str], ...] = (
    ("/v1/models", "GET", {}, "list_models"),
    ("/v1/notes/stream", "POST", {}, "stream_note"),
    ("/v1/notes/{}", "GET", {}, "retrieve_note"),
    ("/v1/notes", "GET", {}, "list_notes"),
    ("/v1/notes", "POST", {}, "create_note"),
    ("/v1/scans", "POST", {}, "upload_scan"),
    ("/v1/log", "GET", {}, "read_log"),
    ("/v1/region", "GET", {}, "find_region"),
    ("/v1/jobs", "GET", {"job_id": None}, "get_job"),
    ("/v1/jobs", "GET", {}, "list_jobs"),
    ("/v1/jobs", "POST", {"later": "true"}, "start_job"),
    ("/v1/summaries", "POST", {}, "summarize"),
)
_JSON_BODIES = {"create_note", "stream_note", "summarize"}
_WITHOUT_KEY = {"find_region"}
_IDEMPOTENT = {"create_note", "upload_scan"}
_REQUIRED: dict[str, dict[str, type]] = {
    "create_note": {"title": str},
    "stream_note": {"title": str},
    "summarize": {"model": str, "text": str},
}
_OPTIONAL: dict[str, dict[str, type]] = {
    "create_note": {"copies": int, "later": bool},
    "stream_note": {},
    "summarize": {"stream": bool},
}


def find_methods(path: str) -> list[str]:
    """The methods of a path; those of a path without a template, if there is one."""
    exact = [method for template, method, _, _ in _ROUTES if template == path]
    return sorted(set(exact)) or sorted({method for template, method, _, _ in _ROUTES if _is_path(template, path)})


def find_operation(method: str, path: str, query: dict[str, str]) -> str:
    """The name of the operation of a request; empty if there is none."""
    for template, other, needed, name in _ROUTES:
        fits = all(key in query and value in (None, query[key]) for key, value in needed.items())
        if other == method and _is_path(template, path) and fits:
            return name
    return ""


def _is_path(template: str, path: str) -> bool:
    return re.fullmatch(template.replace("{}", "[^/]+"), path) is not None


class Application:
    """Handles requests as the document says."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[object, Response]] = {}
        self._lock = threading.Lock()
        """Of requests at once with one idempotency key, one is processed."""
        self._jobs: dict[str, int] = {}
        """How often each job was polled."""

    def handle(self, request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if request.operation not in _WITHOUT_KEY and (scheme.lower() != "bearer" or key.strip() != KEY):
            return build_error(401, "invalid API key", www_authenticate="Bearer")
        if rejection := self._reject_route(request) or self._reject_body(request):
            return rejection
        if request.operation in _IDEMPOTENT and "idempotency-key" in request.headers:
            with self._lock:
                return self._replay(request)
        return self._process(request)

    def _reject_route(self, request: Request) -> Response | None:
        if request.operation:
            return None
        methods = find_methods(request.path)
        allow = ", ".join(methods)
        return build_error(405, "unsupported method", allow=allow) if methods else build_error(404, "unknown path")

    def _reject_body(self, request: Request) -> Response | None:
        if len(request.body) > _LIMIT:
            return build_error(413, "body too large")
        expected = "application/json" if request.operation in _JSON_BODIES else "multipart/form-data"
        has_body = request.operation in _JSON_BODIES or request.operation == "upload_scan"
        return build_error(415, "unsupported Content-Type") if has_body and request.media_type != expected else None

    def _replay(self, request: Request) -> Response:
        key = request.headers["idempotency-key"]
        if len(key) > 255:
            return build_error(400, "invalid Idempotency-Key")
        identity, response = self._kept.get((request.operation, key), (request.identity, None))
        if identity != request.identity:
            return build_error(422, "Idempotency-Key was used for another request")
        if response is not None:
            return response.with_headers(idempotency_key=key, idempotency_replayed="true")
        response = self._process(request)
        self._kept[request.operation, key] = request.identity, response
        return response.with_headers(idempotency_key=key)

    def _process(self, request: Request) -> Response:
        if request.operation in _JSON_BODIES:
            fields = _parse(request.body)
            if isinstance(fields, str):
                return build_error(400, fields)
            if invalid := _find_invalid(request.operation, fields):
                return build_error(400, f"{invalid}: invalid value")
        else:
            fields = {}
        result: Response = getattr(self, f"_{request.operation}")(request, fields)
        return result

    def _list_models(self, _request: Request, _fields: dict[str, Any]) -> Response:
        model = {"id": MODEL, "object": "model", "created": 1, "owned_by": "test", "pg_model_type": "chat"}
        return build_json({"object": "list", "data": [model]})

    def _retrieve_note(self, request: Request, _fields: dict[str, Any]) -> Response:
        name = unquote(request.path.removeprefix("/v1/notes/"))
        is_known = name.startswith("drafts/")
        return build_json({"id": name, "title": "A"}) if is_known else build_error(404, "unknown note")

    def _list_notes(self, request: Request, _fields: dict[str, Any]) -> Response:
        limit, since = request.query.get("limit", "1"), request.query.get("since", "2026-01-01")
        if not re.fullmatch(r"\d+", limit) or not 1 <= int(limit) <= 100:
            return build_error(400, "limit: expected an integer from 1 to 100")
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", since):
            return build_error(400, "since: expected a date")
        return build_json([{"id": "drafts/1", "title": "A"}])

    def _create_note(self, _request: Request, fields: dict[str, Any]) -> Response:
        if fields.get("later"):
            return build_json({"state": "waiting"}, 202)
        return build_json({"id": f"drafts/{secrets.token_hex(4)}", "title": fields["title"]}, 201)

    def _upload_scan(self, request: Request, _fields: dict[str, Any]) -> Response:
        form = {name.decode(): value for name, value in _FORM_FIELD.findall(request.body)}
        for name in ("scan", "label"):
            if name not in form:
                return build_error(400, f"{name}: missing")
        pages = form.get("pages", b"1")
        if not pages.isdigit() or not int(pages):
            return build_error(400, "pages: expected a positive integer")
        return Response(200, secrets.token_hex(8).encode(), {"content-type": "text/plain"})

    def _stream_note(self, _request: Request, _fields: dict[str, Any]) -> Response:
        events = [{"type": "note.delta", "delta": "A"}, {"type": "note.done", "text": "A"}]
        return build_stream([json.dumps(event) for event in events])

    def _read_log(self, _request: Request, _fields: dict[str, Any]) -> Response:
        return Response(200, b'{"line": 1}\n{"line": 2}\n', {"content-type": "application/x-ndjson"})

    def _find_region(self, request: Request, _fields: dict[str, Any]) -> Response:
        if request.query.get("scope") not in ("country", "global"):
            return build_error(400, "scope: expected country or global")
        return build_json({"region": "yvr-01"})

    def _list_jobs(self, _request: Request, _fields: dict[str, Any]) -> Response:
        return build_json(sorted(self._jobs))

    def _start_job(self, _request: Request, _fields: dict[str, Any]) -> Response:
        self._jobs[f"job {len(self._jobs)} & more"] = 0
        return build_json({"job_id": f"job {len(self._jobs) - 1} & more", "status": "running"}, 202)

    def _get_job(self, request: Request, _fields: dict[str, Any]) -> Response:
        job = request.query["job_id"]
        if job not in self._jobs:
            return build_error(404, "unknown job")
        self._jobs[job] += 1
        if self._jobs[job] > 2:
            return build_json({"id": job, "title": "A"})
        return build_json({"job_id": job, "status": "running", "wait": 10}, 202)

    def _summarize(self, _request: Request, fields: dict[str, Any]) -> Response:
        if fields["model"] != MODEL:
            return build_error(404, f"unknown model {fields['model']!r}")
        if fields.get("stream"):
            return build_stream(['{"text": "A"}', "END"])
        return build_json({"summary": "A"})


def build_stream(events: list[str]) -> Response:
    body = "".join(f"data: {event}\n\n" for event in events)
    return Response(200, body.encode(), {"content-type": "text/event-stream"})


def _parse(body: bytes) -> dict[str, Any] | str:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return "the body is not JSON"
    return fields if isinstance(fields, dict) else "the body is not an object"


def _find_invalid(operation: str, fields: dict[str, Any]) -> str:
    required, optional = _REQUIRED[operation], _OPTIONAL[operation]
    for name, kind in {**required, **optional}.items():
        if name not in fields and name in required:
            return name
        value = fields.get(name)
        value = int(value) if isinstance(value, float) and value.is_integer() else value
        if name in fields and type(value) is not kind:
            return name
    if fields.get("copies", 1) not in (1, 2, 3):
        return "copies"
    return "title" if operation == "create_note" and not fields["title"] else ""


class _Handler(HTTPHandler):
    application: Application
    fault: Fault | None
    requests: list[Request]
    number = 0

    def respond(self) -> None:
        self.number += 1
        url = urlsplit(self.path)
        path = _UNRESERVED.sub(lambda match: unquote(match[0]), url.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        headers = {name.lower(): value.strip() for name, value in self.headers.items()}
        body = self.read_body()
        method = "GET" if self.command == "HEAD" else self.command
        operation = find_operation(method, path, query)
        request = Request(
            self.command, path, query, headers, body, operation, self.path, self.request_version, self.number
        )
        self.requests.append(request)
        handle = self.application.handle
        response = self.fault(request, handle) if self.fault else handle(request)
        fields = {"x-request-id": f"req_{secrets.token_hex(16)}", **response.headers}
        self.write_response(response.status, [(name, value) for name, value in fields.items() if value], response.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_TRACE = do_OPTIONS = do_QUERY = respond  # noqa: N815


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a check connects a hundred times at once


@contextmanager
def run_server(
    fault: Fault | None = None, wire: type[HTTPHandler] = HTTPHandler
) -> Iterator[tuple[str, list[Request]]]:
    """Run the server on a thread, and yield its URL and the requests that it receives.

    `wire` writes its responses, and may do that wrong.
    """
    requests: list[Request] = []
    members = {"application": Application(), "fault": staticmethod(fault) if fault else None, "requests": requests}
    bases = (_Handler,) if wire is HTTPHandler else (wire, _Handler)
    with _Server(("127.0.0.1", 0), type("Handler", bases, members)) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", requests
        finally:
            server.shutdown()
            thread.join()
