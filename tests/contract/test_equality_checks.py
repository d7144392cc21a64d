"""The checks of what is equal exactly: forced texts, vectors, tokens of a prompt, objects of a list."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polargrid_contract.checks.embeddings import decode_vector
from polargrid_contract.checks.forced_strings import find_forced_error
from tests.contract.changes import (
    Change,
    Send,
    change_json,
    change_request,
    change_stream,
    copy_response,
    failures,
    names_in,
    run,
    run_one,
)

NAMES = names_in("forced_strings", "embeddings", "prompt_usage", "listed_objects")


def change_text(change: Callable[[str], str]) -> Change:
    """Change the contents and the arguments of chats."""

    def apply(_request: dict[str, Any], body: dict[str, Any]) -> None:
        for choice in body.get("choices", ()):
            message = choice.get("message") or {}
            if message.get("content"):
                message["content"] = change(message["content"])
            for call in message.get("tool_calls") or ():
                call["function"]["arguments"] = change(call["function"]["arguments"])

    return change_json(apply)


def replace_text(old: str, new: str) -> Change:
    return change_text(lambda text: text.replace(old, new))


def change_vectors(change: Callable[[list[float]], list[float]], *, in_format: str = "base64") -> Change:
    """Change the vectors of a format, or of a list of texts."""

    def apply(request: dict[str, Any], body: dict[str, Any]) -> None:
        name = request.get("encoding_format") or ("list" if isinstance(request.get("input"), list) else "float")
        for item in body.get("data", ()) if "input" in request and name == in_format else ():
            is_text = isinstance(item["embedding"], str)
            vector = change(decode_vector(item["embedding"]) if is_text else item["embedding"])
            packed = struct.pack(f"<{len(vector)}f", *vector)
            item["embedding"] = base64.b64encode(packed).decode() if is_text else vector

    return change_json(apply)


def change_packed(change: Callable[[bytes], bytes]) -> Change:
    """Change the bytes in base64."""

    def apply(request: dict[str, Any], body: dict[str, Any]) -> None:
        for item in body["data"] if request.get("encoding_format") == "base64" else ():
            item["embedding"] = base64.b64encode(change(base64.b64decode(item["embedding"]))).decode()

    return change_json(apply)


def swap_bytes(data: bytes) -> bytes:
    return struct.pack(f">{len(data) // 4}f", *struct.unpack(f"<{len(data) // 4}f", data))


def reverse_vectors(request: dict[str, Any], body: dict[str, Any]) -> None:
    if isinstance(request.get("input"), list):
        vectors = [item["embedding"] for item in body["data"]]
        for item, vector in zip(body["data"], reversed(vectors), strict=True):
            item["embedding"] = vector


def change_count(change: Callable[[dict[str, Any]], bool], amount: int = 1) -> Change:
    """Count other tokens of the prompt of some requests."""

    def apply(request: dict[str, Any], body: dict[str, Any]) -> None:
        if "usage" in body and change(request):
            body["usage"]["prompt_tokens"] += amount
            body["usage"]["total_tokens"] += amount

    return change_json(apply)


def change_streamed_count(body: bytes) -> bytes:
    return body.replace(b'"prompt_tokens":', b'"prompt_tokens":1')


def change_model(change: Callable[[dict[str, Any]], object], *, name: str = "") -> Change:
    """Change a model that is retrieved."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        if not request.url.path.startswith("/v1/models/") or response.status_code != 200:
            return response
        body = response.json()
        if body.get("id", "").startswith(name or body.get("id", "?")):
            change(body)
        return copy_response(response, content=json.dumps(body).encode())

    return apply


def lose_model(request: httpx.Request, send: Send) -> httpx.Response:
    error = {"error": {"message": "unknown model", "type": "not_found_error", "code": "model_not_found"}}
    is_lost = request.url.path == "/v1/models/kokoro-82m"
    return httpx.Response(404, json=error) if is_lost else send(request)


def test_the_edge_passes(recorded_edge):
    """Every check passes."""
    outcomes = run(recorded_edge.send, NAMES)
    assert failures(outcomes) == []
    assert {outcome.status for outcome in outcomes} == {"passed"}


FAULTS = [
    ("forced-text-exact", replace_text("\u03ad", "?")),
    ("forced-text-exact", replace_text("\U0001f600", "\ufffd")),
    ("forced-text-exact", replace_text("\U0001f600", "\\ud83d")),
    ("forced-text-exact", replace_text("\u200d", "")),
    ("forced-text-exact", replace_text("e\u0301", "\u00e9")),
    ("forced-text-exact", replace_text("\\n", "\n")),
    ("forced-text-exact", replace_text("&amp;", "&")),
    ("forced-text-exact", replace_text("<b>", "")),
    ("forced-text-exact", replace_text("  a   b ", "a b")),
    ("forced-text-exact", replace_text("\u2028", "\\n")),
    ("forced-text-exact", change_text(lambda text: f"Here: {text}")),
    ("forced-text-exact", change_text(lambda text: text.encode().decode("cp1252", "replace"))),
    ("forced-arguments-exact", replace_text("\u05e9", "")),
    ("forced-arguments-exact", change_text(lambda text: json.dumps(json.loads(text)["text"]))),
    ("forced-arguments-exact", change_text(lambda text: text.replace("}", ', "text": "b"}'))),
    ("forced-text-stops", change_request(lambda body: body.pop("stop"))),
    ("forced-text-stops", change_json(lambda request, body: "stop" in request and set_reason(body, "length"))),
    ("forced-text-stops", replace_text("Καλη", "Καλημ")),
    ("embedding-formats-equal", change_vectors(lambda vector: [value * 1.001 for value in vector])),
    ("embedding-formats-equal", change_vectors(lambda vector: [round(value, 3) for value in vector])),
    ("embedding-formats-equal", change_vectors(lambda vector: vector[:-1])),
    ("embedding-formats-equal", change_packed(swap_bytes)),
    ("embedding-formats-equal", change_packed(lambda data: data[:-1])),
    ("embedding-list-equals-singles", change_json(reverse_vectors)),
    ("embedding-list-equals-singles", change_vectors(lambda vector: [*vector[1:], vector[0]], in_format="list")),
    ("embedding-usage-adds-up", change_count(lambda request: isinstance(request.get("input"), list))),
    ("embedding-usage-adds-up", change_count(lambda request: request.get("encoding_format") == "base64")),
    ("embedding-dimensions-respected", change_request(lambda body: body.pop("dimensions"))),
    ("prompt-tokens-equal", change_count(lambda request: request.get("n") == 2, 9)),
    ("prompt-tokens-equal", change_count(lambda request: request.get("max_tokens") == 1, -1)),
    ("prompt-tokens-equal", change_stream(change_streamed_count)),
    ("listed-objects-found", lose_model),
    ("listed-objects-found", change_model(lambda body: body.update(owned_by="someone"), name="smollm2")),
    ("listed-objects-found", change_model(lambda body: body.pop("pg_aliases"), name="whisper")),
    ("listed-models-have-state", change_json(lambda _, body: body.get("loading_status", {}).pop("kokoro-82m", None))),
    ("model-aliases-found", change_model(lambda body: body.update(id="smollm2-135m"), name="HuggingFaceTB")),
    ("model-aliases-found", change_model(lambda body: body.update(pg_model_type="chat"), name="tts-1")),
]


def set_reason(body: dict[str, Any], reason: str) -> None:
    for choice in body["choices"]:
        choice["finish_reason"] = reason


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(recorded_edge, name, change):
    """Each fault is reported by the check of its rule."""
    assert run_one(recorded_edge.send, name, change).status == "failed"


def test_every_check_has_a_fault():
    """No check of these modules passes for every server."""
    assert {name for name, _ in FAULTS} == set(NAMES)


def escape(text: str) -> str:
    """JSON may escape any character, and have white space."""
    try:
        return json.dumps(json.loads(text), indent=1)
    except ValueError:
        return text


def round_to_float(value: float) -> float:
    (rounded,) = struct.unpack("<f", struct.pack("<f", value))
    return float(rounded)


LEGAL = {
    "white space": change_text(lambda text: text.replace('":', '"  :\n ')),
    "escapes": change_text(escape),
    "32-bit floats in full": change_vectors(
        lambda vector: [struct.unpack("<f", struct.pack("<f", it))[0] for it in vector], in_format="float"
    ),
    "a batch in another order": change_vectors(lambda vector: [value + 1e-5 for value in vector], in_format="list"),
    "more fields": change_model(lambda body: body.update(x_details={"layers": 30})),
}


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_variation_passes(recorded_edge, name):
    """White space and escapes of JSON, digits, the order of sums in a batch, and further fields are free."""
    names = [it for it in NAMES if name != "escapes" or it != "forced-text-stops"]
    assert failures(run(recorded_edge.send, names, LEGAL[name])) == []


def test_figures_that_change_by_themselves_are_not_compared(recorded_edge):
    """A mean latency differs between the list and the model."""
    latencies = iter(range(1000))

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        if not request.url.path.startswith("/v1/models") or response.status_code != 200:
            return response
        body = response.json()
        for model in body.get("data", [body]):
            model["pg_avg_latency_ms"] = next(latencies)
        return copy_response(response, content=json.dumps(body).encode())

    assert run_one(recorded_edge.send, "listed-objects-found", apply).status == "passed"


def test_vectors_of_an_unstable_model_are_similar(recorded_edge):
    """If equal requests get different vectors, those of two formats are not compared exactly."""
    offsets = iter(range(1000))

    def add_noise(vector: list[float]) -> list[float]:
        return [value + 2e-5 * (next(offsets) % 7) for value in vector]

    outcome = run_one(recorded_edge.send, "embedding-formats-equal", change_vectors(add_noise, in_format="float"))
    assert outcome.status == "skipped"
    assert "different vectors" in outcome.note


def test_a_truncated_response_cannot_be_compared(recorded_edge):
    """A server with a limit of a few tokens forces nothing to its end."""
    change = change_json(lambda request, body: "response_format" in request and set_reason(body, "length"))
    outcome = run_one(recorded_edge.send, "forced-text-exact", change)
    assert outcome.status == "skipped"
    assert "truncates" in outcome.note


def test_a_profile_may_lack_the_objects_of_a_list(recorded_edge):
    """A server with a list of models only is complete."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        is_model = request.url.path.startswith("/v1/models/")
        return httpx.Response(404, json={"error": {"message": "no"}}) if is_model else send(request)

    outcome = run_one(recorded_edge.send, "listed-objects-found", apply, profile="openai")
    assert outcome.status == "not_supported"


@pytest.mark.parametrize(
    ("content", "is_right"),
    [
        ('{"text": "\\u03b1"}', True),
        ('{"text": "\\u03b1", "text": "b"}', False),
        ('{"text": "\\u03b1 "}', False),
        ('{"text": "\\u03b1"}.', False),
        ("", False),
    ],
)
def test_a_forced_text_is_compared_by_its_characters(content, is_right):
    """The content is strict JSON with this text and no more."""
    assert (find_forced_error("\u03b1", content, "stop") == "") is is_right
    assert find_forced_error("\u03b1", content, "length") == ""
