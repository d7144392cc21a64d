"""Generated requests are limited in size; valid ones stay valid, invalid ones stay invalid."""

from __future__ import annotations

import pytest

from polargrid_contract.document import load_document
from polargrid_contract.fuzz.limits import build_form_parts, limit_request
from polargrid_contract.operations import read_operations
from polargrid_contract.schemas import flatten_object

OPERATIONS = read_operations(load_document())


@pytest.mark.parametrize(
    ("body", "limited"),
    [
        ({"model": "m", "max_tokens": 4096, "n": 8}, {"model": "m", "max_tokens": 8, "n": 2}),
        ({"model": "m"}, {"model": "m", "max_tokens": 8}),
        ({"max_tokens": None}, {"max_tokens": 8}),
        ({"max_tokens": 5, "max_completion_tokens": 400}, {"max_tokens": 5, "max_completion_tokens": 8}),
        ({"max_completion_tokens": 400}, {"max_tokens": 8, "max_completion_tokens": 8}),
        ({"max_tokens": 100_000}, {"max_tokens": 8}),
    ],
)
def test_a_text_is_limited(body, limited):
    """There are fewer tokens and choices, other fields are the same, and the argument is not modified."""
    before = dict(body)
    assert limit_request(OPERATIONS["chat_completion"], body) == limited
    assert body == before


@pytest.mark.parametrize(
    "body", [{"max_tokens": -1}, {"max_tokens": 0}, {"max_tokens": "9"}, {"max_tokens": 1, "n": 9}]
)
def test_an_invalid_body_is_returned_unchanged(body):
    """A value that the schema forbids is sent as it is: the same object."""
    assert limit_request(OPERATIONS["completion"], body) is body


FIELDS = {name: flatten_object(it.document, it.json_schema)[0] for name, it in OPERATIONS.items()}


@pytest.mark.parametrize("name", [name for name, fields in FIELDS.items() if "max_tokens" in fields])
def test_no_generation_ends_with_its_context(name):
    """A request without a limit gets one, whatever operation has the field; the best of many texts are of two."""
    assert limit_request(OPERATIONS[name], {"model": "m"})["max_tokens"] == 8
    assert limit_request(OPERATIONS[name], {"model": "m", "max_tokens": None})["max_tokens"] == 8
    if "best_of" in FIELDS[name]:
        limited = {"max_tokens": 1, "best_of": 2, "n": 2}
        assert limit_request(OPERATIONS[name], {"max_tokens": 1, "best_of": 20, "n": 8}) == limited


def test_speech_is_limited():
    """A valid text is truncated; a text that is too long stays too long."""
    assert limit_request(OPERATIONS["text_to_speech"], {"input": "a" * 4096}) == {"input": "a" * 40}
    assert len(limit_request(OPERATIONS["text_to_speech"], {"input": "a" * 4097})["input"]) == 4097


def test_other_bodies_are_returned_unchanged():
    """They are the same objects."""
    for body in (None, b"bytes", {"model_name": "m"}):
        assert limit_request(OPERATIONS["load_model"], body) is body


def test_a_form_uploads_the_recording():
    """The recording replaces the generated file; the fields stay."""
    parts = build_form_parts(
        {"model": "whisper-1", "file": b"\0", "temperature": 0.5}, ["file"], ("a.wav", b"RIFF", "audio/wav")
    )
    assert parts == [
        ("model", (None, "whisper-1")),
        ("temperature", (None, "0.5")),
        ("file", ("a.wav", b"RIFF", "audio/wav")),
    ]


def test_a_list_of_a_form_is_repeated():
    """Each item is a field of its own, as clients send it."""
    parts = build_form_parts({"words[]": ["a", "b"], "none[]": []}, [], ("a.wav", b"RIFF", "audio/wav"))
    assert parts == [("words[]", (None, "a")), ("words[]", (None, "b"))]
