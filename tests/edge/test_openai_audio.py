"""What OpenAI's clients send to the operations on audio, in the spellings that they use."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from polargrid_edge.http.forms import form_fields
from polargrid_edge.services.transcriber import primary_language
from polargrid_edge.services.transcription import simplify_hints
from polargrid_testing.samples import load_document
from tests.edge.scripted import ScriptedEdge
from tests.edge.test_app import FORM, SPEECH, SPEECH_PATH, TONE, is_valid, read_error

TRANSCRIPTION_PATH = "/v1/audio/transcriptions"
SPEAKERS = ["known_speaker_names[]", "known_speaker_references[]"]
NAMES = {"model": False, "settings": False, "words[]": True, "tags": True}


def transcribe(client: httpx.Client, fields: dict[str, Any], path: str = TRANSCRIPTION_PATH) -> httpx.Response:
    return client.post(path, data=FORM | fields, files={"file": ("a.wav", TONE)})


# Forms


@pytest.mark.parametrize(
    ("items", "fields"),
    [
        ([("words[]", "a"), ("words[]", "b")], {"words[]": ["a", "b"]}),
        ([("words", "a"), ("words", "b")], {"words[]": ["a", "b"]}),
        ([("words[0]", "a"), ("words[1]", "b")], {"words[]": ["a", "b"]}),
        ([("words", "a"), ("words[]", "b")], {"words[]": ["a", "b"]}),
        ([("tags[]", "a")], {"tags": ["a"]}),
        ([("tags", "a")], {"tags": ["a"]}),
        ([("settings[type]", "vad"), ("settings[n]", "1")], {"settings": '{"type": "vad", "n": "1"}'}),
        ([("settings[type]", "vad"), ("settings", "auto")], {"settings": "auto"}),
        ([("model", "a"), ("model", "b")], {"model": "b"}),
        ([("other", "a"), ("other[]", "b"), ("other[c]", "d")], {"other": "a", "other[]": "b", "other[c]": "d"}),
        ([("model[", "a"), ("words[x", "b"), ("words[x]", "c")], {"model[": "a", "words[x": "b", "words[x]": "c"}),
        ([], {}),
    ],
)
def test_lists_and_objects_of_a_form(items: list[tuple[str, str]], fields: dict[str, Any]) -> None:
    """A list with or without brackets or with indexes, an object by its keys; unknown names stay as they are."""
    assert form_fields(items, NAMES) == fields


@pytest.mark.parametrize("name", ["timestamp_granularities[]", "timestamp_granularities", "timestamp_granularities[0]"])
def test_timestamps_are_requested_in_each_spelling(
    fake_edge: ScriptedEdge, fake_client: httpx.Client, name: str
) -> None:
    """The model is asked for words."""
    response = transcribe(fake_client, {"response_format": "verbose_json", name: "word"})
    assert "words" in response.json()
    assert fake_edge.transcription.calls[-1]["words"] is True


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        ({"include[]": "logprobs"}, "include[]"),
        ({"include": "logprobs"}, "include[]"),
        ({"chunking_strategy": "auto"}, "chunking_strategy"),
        ({"chunking_strategy": '{"type": "server_vad"}'}, "chunking_strategy"),
        ({"chunking_strategy[type]": "server_vad", "chunking_strategy[threshold]": "0.5"}, "chunking_strategy"),
        ({"include[]": "logprobs", "stream": "true"}, "include[]"),
        ({"known_speaker_names[]": "Ann", "known_speaker_references": "data:,"}, ", ".join(SPEAKERS)),
        ({"languages[]": ["en", "es"], "keywords": "edge"}, "languages[]"),
        ({"languages": "en"}, None),
        ({}, None),
    ],
)
def test_what_a_transcript_ignores(fake_client: httpx.Client, fields: dict[str, str], ignored: str | None) -> None:
    """Of the transcript and of its stream, in the document's spelling."""
    response = transcribe(fake_client, fields)
    assert (response.status_code, response.headers.get("x-pg-ignored")) == (200, ignored)


@pytest.mark.parametrize("value", ["diarized_json", "pdf"])
def test_another_format_of_a_transcript_is_400(fake_client: httpx.Client, value: str) -> None:
    """The message has the formats that there are."""
    error = read_error(transcribe(fake_client, {"response_format": value}), 400)
    assert error["param"] == "response_format"
    assert all(name in error["message"] for name in ("json", "verbose_json", "text", "srt", "vtt"))


# Languages


@pytest.mark.parametrize(
    ("tag", "language"),
    [(None, None), ("", None), ("es", "es"), ("es-ES", "es"), ("es_419", "es"), ("EN", "en"), ("zh-Hant-TW", "zh")],
)
def test_the_language_of_a_tag(tag: str | None, language: str | None) -> None:
    """The region has no effect on Whisper; an empty tag is detected."""
    assert primary_language(tag) == language


@pytest.mark.parametrize("query", ["", "?stream=true", "?sync=true"])
@pytest.mark.parametrize(("tag", "language"), [("es-ES", "es"), ("", None)])
def test_a_language_with_a_region(
    fake_edge: ScriptedEdge, fake_client: httpx.Client, query: str, tag: str, language: str | None
) -> None:
    """In each operation on recordings."""
    assert transcribe(fake_client, {"language": tag}, TRANSCRIPTION_PATH + query).status_code == 200
    assert fake_edge.transcription.calls[-1]["language"] == language


@pytest.mark.parametrize(
    ("fields", "simplified", "obeyed"),
    [
        ({"keywords[]": ["edge", "Kokoro"]}, {"prompt": "edge, Kokoro"}, ["keywords[]"]),
        ({"keywords[]": ["edge"], "prompt": "A talk."}, {"prompt": "A talk. edge"}, ["keywords[]"]),
        ({"languages[]": ["es-ES"]}, {"language": "es-ES"}, ["keywords[]", "languages[]"]),
        ({"languages[]": ["es"], "language": ""}, {"language": "es"}, ["keywords[]", "languages[]"]),
        ({"languages[]": ["es"], "language": "en"}, {"language": "en"}, ["keywords[]"]),
        ({"languages[]": ["es", "en"]}, {}, ["keywords[]"]),
        ({}, {}, ["keywords[]"]),
    ],
)
def test_hints_of_newer_models(fields: dict[str, Any], simplified: dict[str, str], obeyed: list[str]) -> None:
    """Keywords are part of the prompt, and a single language is the language."""
    assert simplify_hints(fields) == obeyed
    assert {name: value for name, value in fields.items() if "[" not in name} == simplified


# Speech


@pytest.mark.parametrize("voice", load_document()["components"]["schemas"]["TTSVoice"]["enum"])
def test_documented_voices_speak(fake_client: httpx.Client, voice: str) -> None:
    """By name."""
    assert fake_client.post(SPEECH_PATH, json=SPEECH | {"voice": voice}).status_code == 200


def test_a_voice_as_an_object(fake_client: httpx.Client) -> None:
    """As OpenAI's own voices have it."""
    plain = fake_client.post(SPEECH_PATH, json=SPEECH | {"voice": "coral"})
    response = fake_client.post(SPEECH_PATH, json=SPEECH | {"voice": {"id": "coral"}})
    assert (response.status_code, response.content) == (200, plain.content)


@pytest.mark.parametrize(
    ("voice", "status", "param"), [({"id": "zz"}, 404, "voice"), ({}, 400, "voice.id"), ({"id": ""}, 400, "voice.id")]
)
def test_an_invalid_voice_object(fake_client: httpx.Client, voice: dict[str, str], status: int, param: str) -> None:
    """An unknown voice is 404, one without an id 400."""
    assert read_error(fake_client.post(SPEECH_PATH, json=SPEECH | {"voice": voice}), status)["param"] == param


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("value", "ignored"), [("sse", "stream_format"), ("audio", None), (None, None)])
def test_speech_is_audio_without_events(
    fake_client: httpx.Client, stream: bool, value: str | None, ignored: str | None
) -> None:
    """A client that asks for events reads from the media type that it gets the audio itself."""
    response = fake_client.post(SPEECH_PATH, json=SPEECH | {"stream_format": value, "stream": stream})
    assert (response.headers["content-type"], response.headers.get("x-pg-ignored")) == ("audio/mpeg", ignored)


# Models


def test_every_name_of_a_model_is_listed(fake_client: httpx.Client) -> None:
    """As an entry of its own, which is also what the name retrieves; its root is the model that serves it."""
    models = fake_client.get("/v1/models").json()
    assert is_valid("ListModelsResponse", models)
    entries = {model["id"]: model for model in models["data"]}
    assert len(entries) == len(models["data"])
    roots = {model["root"] for model in models["data"]}
    assert [model["id"] for model in models["data"]][: len(roots)] == [
        model["id"] for model in models["data"] if model["id"] == model["root"]
    ]
    for name, model in entries.items():
        assert {name, *model["pg_aliases"]} == {model["root"], *entries[model["root"]]["pg_aliases"]}
        assert name not in model["pg_aliases"]
        assert fake_client.get(f"/v1/models/{name.replace('/', '%2F')}").json() == model
    assert {"llama-3.1-8b", "whisper-1", "tts-1", "kokoro-82m", "gpt-4o-mini-tts"} < entries.keys()


def test_a_404_has_the_names_of_the_kind(fake_client: httpx.Client) -> None:
    """Of the operation that was called; a name alone may be of any kind."""
    error = read_error(fake_client.post(SPEECH_PATH, json=SPEECH | {"model": "tts-9"}), 404)
    assert "tts-1" in error["message"]
    assert "whisper" not in error["message"]
    error = read_error(fake_client.get("/v1/models/tts-9"), 404)
    assert error["code"] == "model_not_found"
    assert "whisper" in error["message"]
