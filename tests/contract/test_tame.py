"""Generated requests are made bearable, and stay as right or as wrong as they were."""

from __future__ import annotations

import pytest

from polargrid_contract.tame import form_parts, tamed


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"model": "m", "max_tokens": 4096, "n": 8}, {"model": "m", "max_tokens": 8, "n": 2}),
        ({"model": "m"}, {"model": "m", "max_tokens": 8}),
        ({"max_tokens": None}, {"max_tokens": 8}),
        ({"max_tokens": 5, "max_completion_tokens": 400}, {"max_tokens": 5, "max_completion_tokens": 8}),
    ],
)
def test_a_model_is_asked_for_less(body, asked):
    """Fewer tokens and choices, nothing else changed, and the caller's body is left alone."""
    before = dict(body)
    assert tamed("chat_completion", body) == asked
    assert body == before


@pytest.mark.parametrize(
    "body", [{"max_tokens": 4097}, {"max_tokens": 0}, {"max_tokens": "9"}, {"max_tokens": 1, "n": 9}]
)
def test_what_is_wrong_stays_wrong(body):
    """A value that the schema forbids goes out as it is: the very same body."""
    assert tamed("completion", body) is body


def test_speech_is_short():
    """A text within bounds is cut; one beyond them is still beyond them."""
    assert tamed("text_to_speech", {"input": "a" * 4096}) == {"input": "a" * 40}
    assert len(tamed("text_to_speech", {"input": "a" * 4097})["input"]) == 4097


def test_other_bodies_are_the_same_object():
    """Nothing is done where nothing is to be saved."""
    for body in (None, b"bytes", {"model_name": "m"}):
        assert tamed("load_model", body) is body


def test_a_form_uploads_the_recording():
    """The generated file gives way to a recording; the fields stay."""
    parts = form_parts({"model": "whisper-1", "file": b"\0", "temperature": 0.5}, ("a.wav", b"RIFF", "audio/wav"))
    assert parts == [
        ("model", (None, "whisper-1")),
        ("temperature", (None, "0.5")),
        ("file", ("a.wav", b"RIFF", "audio/wav")),
    ]
