"""Each call has a span, and metrics, by the GenAI conventions."""

from __future__ import annotations

import threading
from importlib import import_module

import httpx
import pytest
from opentelemetry.trace import SpanKind, StatusCode

from polargrid_otel import conventions
from polargrid_testing.samples import EVENT_STREAM, load_samples
from tests.otel.conftest import ASK, CHAT, events_of, respond, stream_events

SERVER = {"server.address": "edge.example", "server.port": 8443}
URL = "https://edge.example:8443"
COMMON = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "polargrid",
    "gen_ai.request.model": "llama-3.1-8b",
    **SERVER,
}
RESPONSE = {
    "gen_ai.response.model": "llama-3.1-8b-instruct",
    "gen_ai.response.finish_reasons": ("stop",),
    "gen_ai.usage.input_tokens": 3,
    "gen_ai.usage.output_tokens": 5,
}


def test_a_call_is_a_span(recorded, connect):
    """With the request, the response and the server, and without an error."""
    options = {"temperature": 0, "max_tokens": 9, "stop": "x", "n": 2, "response_format": {"type": "json_object"}}
    connect(respond(), base_url=URL).chat_completion({**ASK, **options})
    span = recorded.span
    assert (span.name, span.kind, span.status.status_code) == ("chat llama-3.1-8b", SpanKind.CLIENT, StatusCode.UNSET)
    assert span.attributes == {
        **COMMON,
        **RESPONSE,
        "gen_ai.output.type": "json",
        "gen_ai.request.choice.count": 2,
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.stop_sequences": ("x",),
        "gen_ai.request.temperature": 0.0,
        "gen_ai.response.id": "chatcmpl-1",
        "polargrid.operation": "chat_completion",
        "polargrid.request_id": "req-1",
    }
    assert span.events == ()


def test_a_call_is_measured(recorded, connect):
    """Its duration and its tokens, with the bucket boundaries of the conventions."""
    connect(respond(), base_url=URL).chat_completion(ASK)
    metrics, model = recorded.metrics, {"gen_ai.response.model": "llama-3.1-8b-instruct"}
    (duration,) = metrics.pop("gen_ai.client.operation.duration")
    assert (duration.attributes, duration.count) == ({**COMMON, **model}, 1)
    assert duration.explicit_bounds == conventions.SECONDS
    tokens = metrics.pop("gen_ai.client.token.usage")
    assert {item.attributes["gen_ai.token.type"]: item.sum for item in tokens} == {"input": 3, "output": 5}
    assert tokens[0].explicit_bounds == conventions.TOKENS
    assert tokens[0].exemplars[0].span_id == recorded.span.context.span_id
    assert metrics == {}


def test_a_stream_is_a_span_until_its_end(recorded, connect):
    """With the facts of all chunks; the time to the first chunk and between chunks are measured."""
    stream = connect(stream_events("a", "b"), base_url=URL).chat_completion_stream(ASK)
    assert recorded.spans == []
    for _ in stream:
        assert recorded.spans == []
    attributes = dict(recorded.span.attributes)
    assert attributes.pop("gen_ai.response.time_to_first_chunk") > 0
    assert attributes == {
        **COMMON,
        **RESPONSE,
        "gen_ai.request.stream": True,
        "gen_ai.response.id": "chatcmpl-2",
        "polargrid.operation": "chat_completion",
        "polargrid.request_id": "req-2",
    }
    (first,), (between,) = (
        recorded.metrics[f"gen_ai.client.operation.{name}"] for name in ("time_to_first_chunk", "time_per_output_chunk")
    )
    assert (first.count, between.count) == (1, 3)
    assert first.attributes == between.attributes == {**COMMON, "gen_ai.response.model": "llama-3.1-8b-instruct"}
    assert first.explicit_bounds == between.explicit_bounds == conventions.SECONDS
    assert len(recorded.metrics["gen_ai.client.token.usage"]) == 2


@pytest.mark.parametrize("how", ["raw", "streamed", "events", "generate", "parse", "stream", "post", "copy"])
def test_each_way_to_call_is_a_span(recorded, connect, how):
    """With the facts of the response."""
    client = connect(stream_events("a") if how in ("events", "stream") else respond(CHAT))
    chat = client.chat.completions
    if how == "raw":
        assert chat.with_raw_response.create(**ASK).parse().id == "chatcmpl-1"
    elif how in ("streamed", "events"):
        with chat.with_streaming_response.create(**ASK, stream=how == "events") as response:
            assert response.read()
    elif how == "generate":
        client.generate({"prompt": "a question", "model": "llama-3.1-8b"})
    elif how == "parse":
        chat.parse(**ASK)
    elif how == "stream":
        with chat.stream(**ASK) as stream:
            assert len([*stream]) > 1
    elif how == "post":
        assert client.post("/chat/completions", cast_to=dict, body=ASK)["id"] == "chatcmpl-1"
    else:
        connect.run(client.native.with_options(max_retries=1).chat_completion(ASK))
    assert recorded.span.name == "chat llama-3.1-8b"
    assert recorded.span.attributes.items() >= RESPONSE.items()


@pytest.mark.parametrize("sample", load_samples(), ids=str)
def test_each_operation_has_a_span(recorded, connect, sample):
    """With a name of the conventions and the model if a model is asked; else with its own."""
    operation, is_stream = sample.operation, sample.media_type == EVENT_STREAM
    headers = {"content-type": sample.media_type} if sample.media_type else {}
    client = connect(httpx.Response(sample.status, content=sample.body, headers=headers))
    request = {} if sample.request is None else {"request": sample.request}
    result = getattr(client, sample.name)(**sample.arguments, **request)
    if is_stream:
        list(result)
    span = recorded.span
    fields = operation.request_type.model_fields if operation.request_type else {}
    if "model" in fields and not operation.path.startswith("/v1/models/"):
        name = span.attributes["gen_ai.operation.name"]
        assert name in {"chat", "text_completion", "embeddings", "text_to_speech", "speech_to_text"}
        assert span.name == f"{name} {sample.request['model']}"
    else:
        assert span.name == sample.name
        assert "gen_ai.operation.name" not in span.attributes
    assert span.attributes["polargrid.operation"] == sample.name
    assert span.status.status_code is StatusCode.UNSET


def test_names_are_those_of_the_conventions():
    """As far as the installed package has them; it has those before the conventions moved."""
    modules = ("_incubating.attributes.gen_ai_attributes", "_incubating.metrics.gen_ai_metrics")
    theirs = {
        value
        for module in (*modules, "attributes.server_attributes")
        for value in vars(import_module(f"opentelemetry.semconv.{module}")).values()
        if isinstance(value, str)
    }
    ours = {value for name, value in vars(conventions).items() if name.isupper() and isinstance(value, str)}
    newer = {
        "gen_ai.client.inference.operation.details",
        "gen_ai.execute_tool.duration",
        "gen_ai.usage.audio.input_tokens",
        "gen_ai.usage.audio.output_tokens",
        "gen_ai.usage.image.input_tokens",
        "gen_ai.request.reasoning.level",
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.text.input_tokens",
        "gen_ai.usage.text.output_tokens",
    }
    assert {value for value in ours if value.startswith(("gen_ai.", "server."))} - newer <= theirs


def test_choices_without_an_index_are_in_their_order(recorded, connect, caplog):
    """As some servers send them."""
    choices = [{"message": CHAT["choices"][0]["message"], "finish_reason": reason} for reason in ("stop", "length")]
    connect(respond({**CHAT, "choices": choices})).chat_completion(ASK)
    assert recorded.span.attributes["gen_ai.response.finish_reasons"] == ("stop", "length")
    assert caplog.messages == []


@pytest.mark.parametrize("index", ["1", [], None, 10**30])
def test_a_choice_with_any_index_keeps_the_span(recorded, connect, index):
    """The caller gets the response as it is."""
    choices = [{**CHAT["choices"][0], "index": item} for item in (index, 1)]
    connect(respond({**CHAT, "choices": choices})).post("/chat/completions", cast_to=dict, body=ASK)
    assert set(recorded.span.attributes["gen_ai.response.finish_reasons"]) == {"stop"}
    assert "gen_ai.client.token.usage" in recorded.metrics


def test_numbers_that_cannot_be_exported_are_left_out(recorded, connect, caplog):
    """Integers have 64 bits, and a count is not negative."""
    usage = {"prompt_tokens": -1, "completion_tokens": 2**63, "total_tokens": 1}
    body = {**ASK, "seed": 2**63, "max_tokens": -(2**63) - 1, "stop": ["a", 1], "response_format": {"type": 3}}
    connect(respond({**CHAT, "usage": usage})).post("/chat/completions", cast_to=dict, body=body)
    attributes = recorded.span.attributes
    numbers = {name for name, value in attributes.items() if type(value) is int}
    assert numbers == {"server.port"}
    assert attributes["gen_ai.request.stop_sequences"] == ("a",)
    assert "gen_ai.client.token.usage" not in recorded.metrics
    assert caplog.messages == []


def test_kinds_of_tokens_are_counted(recorded, connect):
    """Those that the server reports."""
    details = {
        "prompt_tokens_details": {"cached_tokens": 1, "audio_tokens": 2, "text_tokens": 4, "cache_write_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": None},
    }
    connect(respond({**CHAT, "usage": {**CHAT["usage"], **details}})).chat_completion(ASK)
    usage = {name: value for name, value in recorded.span.attributes.items() if name.startswith("gen_ai.usage.")}
    assert usage == {
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.cache_read.input_tokens": 1,
        "gen_ai.usage.cache_write.input_tokens": 5,
        "gen_ai.usage.audio.input_tokens": 2,
        "gen_ai.usage.text.input_tokens": 4,
        "gen_ai.usage.reasoning.output_tokens": 3,
    }


def test_an_operation_without_a_model_is_a_plain_span(recorded, connect):
    """Without attributes and metrics of generative AI."""
    connect(respond({"status": "ok"}), base_url=URL).post("/other/42", cast_to=dict, body={})
    connect(respond({"object": "list", "data": []}), base_url=URL).list_models()
    other, models = recorded.spans
    assert (other.name, models.name) == ("POST", "list_models")
    assert models.attributes == {**SERVER, "polargrid.operation": "list_models", "polargrid.request_id": "req-1"}
    assert recorded.metrics == {}


def test_a_request_that_does_not_match_has_a_span(recorded, connect):
    """Without what cannot be read; the server rejects it."""
    body = {"model": 3, "messages": "?", "temperature": "hot", "n": [], "stop": 1}
    connect(respond()).post("/chat/completions", cast_to=dict, body=body)
    assert recorded.span.name == "chat"
    assert "gen_ai.request.temperature" not in recorded.span.attributes


def test_the_raw_client_is_traced(recorded):
    """Its responses of any status are returned; one of an error is an error of the span."""
    import polargrid
    from polargrid_generated.raw.api.models import list_models

    error = {"message": "no", "type": "server_error", "param": None, "code": None}
    transport = httpx.MockTransport(lambda _: respond({"error": error}, 500))
    client = polargrid.PolarGridSync(api_key="pg_test_0123456789", http_client=httpx.Client(transport=transport))
    list_models.sync_detailed(client=client.raw)
    assert (recorded.span.name, recorded.span.attributes["error.type"]) == ("list_models", "500")
    assert recorded.span.status.status_code is StatusCode.ERROR


def test_a_span_is_current_while_the_request_is_sent(recorded, connect):
    """Below the span of the caller, which is current again afterwards; so those of httpx are its children."""
    from opentelemetry import trace

    inner = []

    def answer(_: httpx.Request) -> httpx.Response:
        inner.append(trace.get_current_span().get_span_context().span_id)
        return stream_events("a", "b")

    client = connect(answer)

    async def read_async() -> None:
        with recorded.tracer.start_as_current_span("caller") as caller:
            async for _ in client.native.chat_completion_stream(ASK):
                assert trace.get_current_span() is caller

    def read() -> None:
        with recorded.tracer.start_as_current_span("caller") as caller:
            for _ in client.native.chat_completion_stream(ASK):
                assert trace.get_current_span() is caller

    connect.run(read_async() if connect.name == "async" else read())
    call, caller = recorded.spans
    assert inner == [call.context.span_id]
    assert call.parent.span_id == caller.context.span_id


def test_threads_have_spans_of_their_own(recorded):
    """With the parents of their threads."""
    import polargrid

    transport = httpx.MockTransport(lambda _: respond())
    client = polargrid.PolarGridSync(api_key="pg_test_0123456789", http_client=httpx.Client(transport=transport))

    def call(name: str) -> None:
        with recorded.tracer.start_as_current_span(name):
            client.chat_completion(ASK)

    threads = [threading.Thread(target=call, args=[f"thread-{number}"]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans = {span.context.span_id: span for span in recorded.spans}
    parents = [spans[span.parent.span_id].name for span in spans.values() if span.parent]
    assert sorted(parents) == [f"thread-{number}" for number in range(8)]


def test_a_response_of_a_closed_stream_is_no_error(recorded, connect):
    """Its span ends, and says that the caller closed it."""
    stream = connect(stream_events("a", "b")).chat_completion_stream(ASK)
    next(stream)
    stream.close()
    assert recorded.span.status.status_code is StatusCode.UNSET
    assert events_of(recorded.span, "polargrid.stream_closed") == [{}]
