"""Generated requests are limited in size; valid ones stay valid, invalid ones stay invalid."""

from __future__ import annotations

import pytest

from polargrid_contract.document import load_document
from polargrid_contract.fuzz.limits import build_form_parts, limit_request
from polargrid_contract.operations import read_operations

OPERATIONS = read_operations(load_document())


@pytest.mark.parametrize(
    ("body", "limited"),
    [
        ({"model": "m", "max_tokens": 4096, "n": 8}, {"model": "m", "max_tokens": 8, "n": 2}),
        ({"model": "m"}, {"model": "m", "max_tokens": 8}),
        ({"max_tokens": None}, {"max_tokens": 8}),
        ({"max_tokens": 5, "max_completion_tokens": 400}, {"max_tokens": 5, "max_completion_tokens": 8}),
    ],
)
def test_a_text_is_limited(body, limited):
    """There are fewer tokens and choices, other fields are the same, and the argument is not modified."""
    before = dict(body)
    assert limit_request(OPERATIONS["chat_completion"], body) == limited
    assert body == before


@pytest.mark.parametrize(
    "body", [{"max_tokens": 4097}, {"max_tokens": 0}, {"max_tokens": "9"}, {"max_tokens": 1, "n": 9}]
)
def test_an_invalid_body_is_returned_unchanged(body):
    """A value that the schema forbids is sent as it is: the same object."""
    assert limit_request(OPERATIONS["completion"], body) is body


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
