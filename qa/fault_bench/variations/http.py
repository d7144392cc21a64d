"""Legal variations of HTTP: headers, framing, errors, load, and the way to a distant server."""

from __future__ import annotations

import gzip
import json
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from qa.fault_bench.faults.seeded import READING_OPERATIONS, TEXT_OPERATIONS, change_json
from qa.fault_bench.messages import (
    Chunk,
    Forward,
    Request,
    Response,
    build_error,
    build_response,
    forward_unchanged,
    supported_methods,
)
from qa.fault_bench.network import Network
from qa.fault_bench.variations.registry import variation

_ON = (*TEXT_OPERATIONS, *READING_OPERATIONS)
_MANY = 4
_PAUSE_SECONDS = 0.2
_MORE_MODELS = ("another-model-1b", "another-model-7b")

# One operation of each kind of response whose time is measured; with the others a run only takes longer.
_TIMED = ("chat_completion", "text_to_speech", "stream_transcription", "health")
for _name, _network in (("D17", Network(0.3, 0.05)), ("D18", Network(1.0, 0.2)), ("D19", Network(2.0, 0.5))):
    variation(_name, f"The server is {_network.delay:g} s away, with jitter.", on=_TIMED, timed=True, network=_network)(
        forward_unchanged
    )


@variation("D24", "Each response closes its connection.", on=_ON)
def close_connections(request: Request, forward: Forward) -> Response:
    return replace(forward(request), closes=True)


@variation("D25", "Responses are compressed for clients that accept it.", on=_ON)
def compress(request: Request, forward: Forward) -> Response:
    response = forward(request)
    accepted = {item.partition(";")[0].strip() for item in request.header("accept-encoding").split(",")}
    if "gzip" not in accepted or not response.is_success or response.is_stream or request.method == "HEAD":
        return response
    compressed = response.with_body(gzip.compress(response.body)).with_header("content-encoding", "gzip")
    return replace(compressed, chunked=False).with_header("vary", "Accept-Encoding")


@variation("D26", "Allow has further methods, in another order.", on=_ON)
def allow_more_methods(request: Request, forward: Forward) -> Response:
    methods = supported_methods(request.path)
    if request.method == "OPTIONS" and methods:
        return replace(build_response(204, b""), chunks=()).with_header("allow", ", ".join([*methods, "OPTIONS"]))
    response = forward(request)
    if response.status != 405:
        return response
    allowed = [method.strip() for method in response.header("allow").split(",")]
    return response.with_header("Allow", " ,".join(["OPTIONS", *reversed(allowed)]))


@variation("D27", "Errors have other messages, codes and further fields.", on=_ON)
def word_errors_differently(request: Request, forward: Forward) -> Response:
    response = forward(request)
    body = response.json if response.status >= 400 else None
    if not isinstance(body, dict) or not isinstance(body.get("error"), dict):
        return response
    message = f"Désolé: {body['error'].get('message', '')} (see https://docs.example/errors)"
    error = {**body["error"], "message": message, "details": None, "request_id": response.header("x-request-id")}
    return response.with_json({"status": response.status, "error": error})


@variation("D28", "Request ids are UUIDs, and further ids are in the headers.", on=_ON)
def use_uuids(request: Request, forward: Forward) -> Response:
    response = forward(request).with_header("X-Request-ID", str(uuid.uuid4()))
    return replace(response, headers=(*response.headers, ("traceparent", f"00-{uuid.uuid4().hex}-00f067aa0ba902b7-01")))


@variation("D29", "There are further models, in another order.", on=READING_OPERATIONS)
def offer_more_models(request: Request, forward: Forward) -> Response:
    def add(_: Request, body: Any) -> None:
        if isinstance(body.get("data"), list):
            more = [{**body["data"][0], "id": name, "pg_aliases": [], "root": None} for name in _MORE_MODELS]
            body["data"] = [*more, *body["data"][::-1]]
        else:
            states = {**dict.fromkeys(_MORE_MODELS, "unloaded"), **body["loading_status"]}
            body["loading_status"] = dict(reversed(states.items()))

    model = request.path.removeprefix("/v1/models/")
    if request.operation == "retrieve_model" and model in _MORE_MODELS:
        listed = forward(replace(request, target="/v1/models"))
        if not listed.is_success:
            return listed
        return build_response(200, {**listed.json["data"][0], "id": model, "pg_aliases": [], "root": None})
    return change_json(("list_models", "get_model_status"), add)(request, forward)


@variation("D30", "Under load some responses are 429 with Retry-After.", on=TEXT_OPERATIONS)
def limit_load(request: Request, forward: Forward) -> Response:
    if request.operation in TEXT_OPERATIONS and request.traffic.active(*TEXT_OPERATIONS) >= _MANY:
        response = build_error(429, "rate_limit_error", "Too many requests; try again later.")
        return response.with_header("retry-after", formatdate(time.time() + 1, usegmt=True))
    return forward(request)


@variation("D31", "Chunks have extensions, and trailers follow them.", on=TEXT_OPERATIONS)
def extend_chunks(request: Request, forward: Forward) -> Response:
    response = replace(forward(request), chunked=True)
    return response.with_wire(chunk_extension=b";part=1", trailers=b"x-checksum: 1\r\n")


@variation("D32", "Heads have no reason, no space behind the colon, and arrive byte by byte.", on=_ON)
def write_heads_differently(request: Request, forward: Forward) -> Response:
    return forward(request).with_wire(reason="", colon=":", in_bytes=True)


@variation("D33", "Media types have parameters and capitals.", on=_ON)
def write_media_types_differently(request: Request, forward: Forward) -> Response:
    response = forward(request)
    media_type = response.header("content-type").partition(";")[0]
    if media_type not in ("application/json", "text/event-stream"):
        return response
    capitalized = {"application/json": "Application/JSON", "text/event-stream": "Text/Event-Stream"}[media_type]
    return response.with_header("Content-Type", f'{capitalized};Charset="UTF-8"')


@variation("D34", "401 has several challenges with parameters.", on=_ON)
def offer_more_schemes(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if response.status != 401:
        return response
    return response.with_header("WWW-Authenticate", 'Basic realm="edge", Bearer realm="edge", error="invalid_token"')


@variation("D35", "Timestamps have an offset and a fraction.", on=("health", "get_gpu_status"))
def write_timestamps_differently(request: Request, forward: Forward) -> Response:
    response = forward(request)
    body = response.json if response.is_success else None
    if not isinstance(body, dict) or not str(body.get("timestamp", "")).endswith("Z"):
        return response
    return response.with_json({**body, "timestamp": body["timestamp"].partition(".")[0].rstrip("Z") + ".500000+00:00"})


@variation("D36", "Bodies end with white space, and are sent in several packets.", on=_ON)
def send_in_packets(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if response.is_stream or not isinstance(response.json, dict) or request.method == "HEAD":
        return response
    body = json.dumps(response.json, ensure_ascii=False).encode() + b"\r\n\t "
    size = len(body) // 5 + 1
    return replace(response, chunks=tuple((0.0, body[start : start + size]) for start in range(0, len(body), size)))


_left_before: dict[int, int] = {}


@variation(
    "D50",
    "After a client left, other streams pause, and the next request is rejected with Retry-After.",
    on=("chat_completion",),
    timed=True,
    network=Network(0.0),
)
def notice_leaving(request: Request, forward: Forward) -> Response:
    traffic = request.traffic
    known, _left_before[id(traffic)] = _left_before.get(id(traffic), 0), traffic.left.total()
    if request.operation in TEXT_OPERATIONS and traffic.left.total() > known and not request.number % 3:
        return build_error(429, "rate_limit_error", "Too many requests; try again later.").with_header(
            "retry-after", "1"
        )
    response, before = forward(request), traffic.left.total()

    def pause(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        paused = False
        for chunk in chunks:
            if not paused and traffic.left.total() > before:
                paused = True
                time.sleep(_PAUSE_SECONDS)
            yield chunk

    return response.with_live_chunks(pause) if response.is_stream else response
