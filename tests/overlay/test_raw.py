"""`client.raw`: the attrs client of openapi-python-client on the connections of a client, for each operation."""

from __future__ import annotations

import asyncio
import inspect
import json
import pickle
import pkgutil
import traceback
import types
import typing
from importlib import import_module
from io import BytesIO
from urllib.parse import parse_qs

import httpx
import pytest

from polargrid import PolarGridError, ValidationError, errors
from polargrid_generated.raw import api
from polargrid_generated.raw.api.models import list_models, load_model
from polargrid_generated.raw.models import LoadModelRequest
from polargrid_generated.raw.types import UNSET, File
from polargrid_testing.samples import FILE, Sample, load_samples, read_path
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Send
from tests.overlay.faults.scripts import response

MODULES = {
    module.name.rpartition(".")[2]: module.name for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}.")
}
MODELS = httpx.Response(200, json={"object": "list", "data": []})


def call(connect, client, module, **arguments):
    """Call the detailed function of an operation: the sync one, or the async one."""
    name = {"async": "asyncio_detailed", "sync": "sync_detailed"}[connect.name]
    return connect.run(getattr(module, name)(client=client.native.raw, **arguments))


def build_arguments(sample: Sample, function) -> dict:
    """Return the arguments of a function of the raw client, in the types of its annotations."""
    hints = typing.get_type_hints(function)
    values = {name.lower().replace("-", "_"): value for name, (_, value) in sample.parameters.items()}
    if sample.request_type:
        fields = dict.fromkeys(sample.files, FILE)
        values["body"] = {**sample.request, **fields} if isinstance(sample.request, dict) else FILE
    return {name: convert(hints[name], value) for name, value in values.items()}


def convert(hint, value):
    """Return a value in the type of an annotation: a model, an enum, a date, a file."""
    kinds = [kind for kind in typing.get_args(hint) or [hint] if kind not in (type(UNSET), types.NoneType)]
    kind = kinds[0]
    if kind is File:
        return File(payload=BytesIO(value))
    for convert_with in ("from_dict", "fromisoformat"):
        if hasattr(kind, convert_with):
            return getattr(kind, convert_with)(value)
    return value if isinstance(kind, types.GenericAlias) or isinstance(value, kind) else kind(value)


@pytest.mark.parametrize("sample", load_samples(), ids=str)
def test_every_operation(connect, sample, key):
    """Method, path, query, body and key are those of openapi.yaml, and the response is its example."""
    response = httpx.Response(sample.status, headers={"content-type": sample.media_type}, content=sample.body)
    client = connect(response)
    module = import_module(MODULES[sample.name])
    result = call(connect, client, module, **build_arguments(sample, module.sync_detailed))
    (request,) = client.requests
    assert (request.method, read_path(request.url.raw_path)) == (sample.method, sample.url)
    assert str(request.url).startswith(sample.server or "https://api.yvr-01.edge.polargrid.ai:55111")
    assert parse_qs(request.url.query.decode()) == sample.full_query
    assert request.headers.get("authorization") == (f"Bearer {key}" if sample.requires_key else None)
    if sample.request_type == "application/json":
        assert json.loads(request.content) == sample.request
    assert all(FILE in request.content for _ in sample.files)
    assert (result.status_code, result.content) == (sample.status, sample.body)
    assert is_parsed(result.parsed, sample)


def is_parsed(parsed, sample: Sample) -> bool:
    if sample.media_type == "application/json":
        return json.loads(json.dumps(parsed.to_dict())) == sample.response
    if sample.media_type == "text/event-stream" or not sample.media_type:
        return parsed is None or parsed == sample.body.decode()
    return parsed.payload.read() == sample.body


def test_every_function_is_an_operation():
    """The raw client has a module for each operation of openapi.yaml."""
    assert {sample.name for sample in load_samples()} <= MODULES.keys()


def test_an_error_is_parsed_and_not_raised(connect):
    """With its status; it is not retried."""
    error = {"error": {"message": "m", "type": "server_error", "code": "c"}}
    client = connect(httpx.Response(503, json=error), max_retries=3)
    result = call(connect, client, list_models)
    assert (result.status_code, result.parsed.error.message, len(client.requests)) == (503, "m", 1)


@pytest.mark.parametrize("transport", ["httpx", "httpx2", "fast"])
def test_connections_are_those_of_the_client(connect, serve, transport):
    """With each transport; a connection is used again, by the client as well."""

    def script():
        for _ in range(3):
            yield ReceiveRequest()
            yield Send(response(MODELS.content))

    server = serve(script)
    client = connect(base_url=f"{server.url}/prefix", transport=transport)
    for _ in range(2):
        assert call(connect, client, list_models).parsed.data == []
    assert client.list_models().data == []
    assert [request.line for request in server.requests] == ["GET /prefix/v1/models HTTP/1.1"] * 3
    assert server.connections == 1


def test_options_are_those_of_the_client(connect):
    """Headers, callbacks and limits, and those of a copy."""
    metas = []
    client = connect(MODELS, on_meta=metas.append, max_body_bytes=5)
    with pytest.raises(PolarGridError, match="max_body_bytes") as caught:
        call(connect, client, list_models)
    assert caught.value.meta.attempts == metas[0].attempts == 1


def test_timeout_is_that_of_the_client(connect, serve):
    """The SDK's exception, with the time."""
    server = serve(lambda: (ReceiveRequest(), AwaitClose()))
    client = connect(base_url=server.url, timeout=0.05)
    with pytest.raises(errors.TimeoutError, match=r"read timeout after 0\.05 s"):
        call(connect, client, list_models)


def test_timeout_of_the_raw_client(connect, serve):
    """`with_timeout` sets another one."""
    server = serve(lambda: (ReceiveRequest(), AwaitClose()))
    raw = connect(base_url=server.url).native.raw.with_timeout(httpx.Timeout(0.05))
    function = {"async": list_models.asyncio, "sync": list_models.sync}[connect.name]

    def send():
        return connect.run(function(client=raw))

    with pytest.raises(errors.TimeoutError, match=r"read timeout after 0\.05 s"):
        send()


def test_closed_client(connect):
    """The raw client is closed with it; closing the raw client closes no connection."""
    client = connect(MODELS)
    raw = client.native.raw
    http = raw.get_async_httpx_client() if connect.name == "async" else raw.get_httpx_client()
    connect.run(http.aclose() if connect.name == "async" else http.close())
    assert call(connect, client, list_models).status_code == 200
    client.close()
    with pytest.raises(PolarGridError, match="the client is closed"):
        call(connect, client, list_models)


def test_idempotency_key_of_the_caller(connect):
    """Without one, the SDK creates it, as for its own calls."""
    client = connect(
        httpx.Response(200, json={"status": "success", "model": "m", "force_reload": False, "message": ""})
    )
    body = LoadModelRequest(model_name="m")
    call(connect, client, load_model, body=body)
    call(connect, client, load_model, body=body, idempotency_key="mine")
    first, second = (request.headers.get_list("idempotency-key") for request in client.requests)
    assert (len(first), len(first[0]), second) == (1, 36, ["mine"])


def test_other_host(connect):
    """It gets no request, and so no key."""
    client = connect(MODELS)
    raw = client.native.raw
    http = raw.get_async_httpx_client() if connect.name == "async" else raw.get_httpx_client()

    def send(url):
        return connect.run(http.get(url))

    for url in ("https://other.example/v1/models", "http://api.yvr-01.edge.polargrid.ai:55111/v1/models"):
        with pytest.raises(ValidationError, match=r"client\.raw sends requests to https://api\.yvr-01"):
            send(url)
    assert send("/v1/models").status_code == 200
    assert len(client.requests) == 1


def test_function_of_the_other_kind(connect):
    """The message names the functions to call."""
    raw = connect(MODELS).native.raw
    name = "asyncio" if connect.name == "async" else "sync"

    def send():
        return list_models.sync(client=raw) if name == "asyncio" else asyncio.run(list_models.asyncio(client=raw))

    with pytest.raises(AttributeError, match=f"call `{name}`"):
        send()


def test_no_key_in_reprs_nor_tracebacks(connect):
    """Nor in a pickle: the transport of the client adds it to a request."""
    client = connect(httpx.ConnectError("refused"))
    raw = client.native.raw
    with pytest.raises(PolarGridError) as caught:
        call(connect, client, list_models)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "list_models" in shown
    for text in (repr(raw), shown, repr(inspect.getmembers(raw))):
        assert client.native._settings.api_key.get_secret_value() not in text
    with pytest.raises(TypeError):
        pickle.dumps(raw)
