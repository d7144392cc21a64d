# Derived from ../_async/request_methods.py by `make generate`
"""`client.get`, `post`, `put`, `patch` and `delete`: requests that the document does not describe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from polargrid_generated.sync_operations import SyncOperations

if TYPE_CHECKING:
    from polargrid._custom_requests import CustomRequest
    from polargrid.config import Settings
    from polargrid_runtime._sync.stream import Stream

Target = TypeVar("Target")
StreamType = TypeVar("StreamType", bound="Stream[Any]")


class SyncRequestMethods(SyncOperations):
    """Requests of any path, with the key, the limits, the retries and the errors of the client.

    A path is below `/v1`, as OpenAI's SDK has it, unless the document has it without. `cast_to` is the type of the
    response: a Pydantic model, dict, list, str, bytes, httpx.Response, object for JSON or text, or None. `options` are
    those of a call, also by OpenAI's names: headers, params, extra_json, timeout, max_retries. With `stream` the
    response is a stream of events, whose chunks are of the type that `stream_cls` names (`Stream[dict]`), or of
    `cast_to`. Raises ValidationError for an invalid argument, and PolarGridError if the call fails.
    """

    _settings: Settings

    def _describe(self, method: str, path: str, cast_to: Any, **arguments: Any) -> CustomRequest:
        from polargrid._custom_requests import build_custom_request

        base_urls = [endpoint.base_url for endpoint in self._settings.endpoints]
        return build_custom_request(method, path, cast_to, base_urls=base_urls, **arguments)

    def _request(self, request: CustomRequest) -> Any:
        inputs = {"files": request.files} if request.files else {}
        if request.operation.events is not None:
            return self._open_stream(request.operation, request.options, request.body, **inputs)
        return self._send(request.operation, request.options, request.body, convert=request.convert, **inputs)

    @overload
    def get(
        self,
        path: str,
        *,
        cast_to: type[Target],
        options: Mapping[str, Any] | None = None,
        stream: Literal[False] = False,
        stream_cls: None = None,
    ) -> Target: ...

    @overload
    def get(
        self,
        path: str,
        *,
        cast_to: Any,
        options: Mapping[str, Any] | None = None,
        stream: Literal[True],
        stream_cls: type[StreamType],
    ) -> StreamType: ...

    def get(
        self,
        path: str,
        *,
        cast_to: Any,
        options: Mapping[str, Any] | None = None,
        stream: bool = False,
        stream_cls: Any = None,
    ) -> Any:
        """Send a GET request."""
        request = self._describe("GET", path, cast_to, options=options, stream=stream, stream_cls=stream_cls)
        return self._request(request)

    @overload
    def post(
        self,
        path: str,
        *,
        cast_to: type[Target],
        body: Any = None,
        content: Any = None,
        files: Any = None,
        options: Mapping[str, Any] | None = None,
        stream: Literal[False] = False,
        stream_cls: None = None,
    ) -> Target: ...

    @overload
    def post(
        self,
        path: str,
        *,
        cast_to: Any,
        body: Any = None,
        content: Any = None,
        files: Any = None,
        options: Mapping[str, Any] | None = None,
        stream: Literal[True],
        stream_cls: type[StreamType],
    ) -> StreamType: ...

    def post(
        self,
        path: str,
        *,
        cast_to: Any,
        body: Any = None,
        content: Any = None,
        files: Any = None,
        options: Mapping[str, Any] | None = None,
        stream: bool = False,
        stream_cls: Any = None,
    ) -> Any:
        """Send a POST request."""
        request = self._describe(
            "POST",
            path,
            cast_to,
            body=body,
            content=content,
            files=files,
            options=options,
            stream=stream,
            stream_cls=stream_cls,
        )
        return self._request(request)

    def put(
        self,
        path: str,
        *,
        cast_to: type[Target],
        body: Any = None,
        content: Any = None,
        files: Any = None,
        options: Mapping[str, Any] | None = None,
    ) -> Target:
        """Send a PUT request."""
        return cast(
            "Target",
            self._request(
                self._describe("PUT", path, cast_to, body=body, content=content, files=files, options=options)
            ),
        )

    def patch(
        self,
        path: str,
        *,
        cast_to: type[Target],
        body: Any = None,
        content: Any = None,
        files: Any = None,
        options: Mapping[str, Any] | None = None,
    ) -> Target:
        """Send a PATCH request."""
        return cast(
            "Target",
            self._request(
                self._describe("PATCH", path, cast_to, body=body, content=content, files=files, options=options)
            ),
        )

    def delete(
        self,
        path: str,
        *,
        cast_to: type[Target],
        body: Any = None,
        content: Any = None,
        options: Mapping[str, Any] | None = None,
    ) -> Target:
        """Send a DELETE request."""
        return cast(
            "Target",
            self._request(self._describe("DELETE", path, cast_to, body=body, content=content, options=options)),
        )
