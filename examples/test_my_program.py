"""Tests of a program with the kit for tests: a scripted edge answers, so they need no key, network or model."""

from __future__ import annotations

import polargrid
from polargrid_testing import FakeEdge


def summarize(text: str) -> str:
    """Return a summary of a text, or what can be said if there is none: the program that is tested."""
    question = {"role": "user", "content": f"Summarize in a sentence:\n\n{text}"}
    parts: list[str] = []
    try:
        with (
            polargrid.PolarGridSync() as client,
            client.chat.completions.stream(model="llama-3.1-8b", messages=[question], temperature=0) as stream,
        ):
            parts.extend(stream.text_stream)
    except polargrid.RateLimitError as error:
        return f"Too many requests; try again in {error.retry_after or 60:.0f} seconds."
    except polargrid.StreamInterruptedError:
        parts.append(" [incomplete]")
    return "".join(parts)


def test_the_summary_is_the_text_of_the_model(polargrid_fake: FakeEdge) -> None:
    """And the request holds what is summarized."""
    polargrid_fake.chat(chunks=["Birds ", "fly."])
    assert summarize("Birds have wings.") == "Birds fly."
    (request,) = polargrid_fake.requests
    assert request.text.endswith("Birds have wings.")
    assert request.json["temperature"] == 0


def test_an_incomplete_summary_is_marked(polargrid_fake: FakeEdge) -> None:
    """The connection is cut after a chunk."""
    polargrid_fake.chat(chunks=["Birds ", "fly."])
    polargrid_fake.fault("stream-cut", after=1)
    assert summarize("Birds have wings.") == "Birds  [incomplete]"


def test_a_short_outage_goes_unnoticed(polargrid_fake: FakeEdge) -> None:
    """The SDK sends the request again."""
    polargrid_fake.chat("Birds fly.")
    polargrid_fake.fault("unavailable", retry_after=0)
    assert summarize("Birds have wings.") == "Birds fly."
    assert len(polargrid_fake.requests) == 2


def test_a_limit_is_reported(polargrid_fake: FakeEdge) -> None:
    """If the server asks for a longer wait than a client makes."""
    polargrid_fake.fault("rate-limit", retry_after=3600, times=None)
    assert summarize("Birds have wings.") == "Too many requests; try again in 3600 seconds."
