"""What is counted of an edge's traffic, and for how long."""

from __future__ import annotations

from polargrid_edge.traffic import WINDOW, TokenCount, Traffic

GREETING = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}
WORD = {"choices": [{"index": 0, "delta": {"content": "word"}}]}


def test_nothing_happened_at_first() -> None:
    """A minute of zeros."""
    assert Traffic().told(1000.0) == {"tokens": [0] * WINDOW, "in_flight": {}, "operations": {}}


def test_a_request_is_in_flight_until_it_ends() -> None:
    """Then it counts, in the second of its end."""
    traffic = Traffic()
    traffic.began("health")
    assert traffic.told(5.0)["in_flight"] == {"health": 1}
    traffic.ended("health", 200, 5.5)
    told = traffic.told(7.0)
    assert told["in_flight"] == {}
    assert told["operations"] == {"health": {"requests": [0] * 57 + [1, 0, 0], "statuses": {"200": 1}}}


def test_statuses_are_counted_apart() -> None:
    """And clients that left."""
    traffic = Traffic()
    for status in (200, 503, 200, None):
        traffic.began("completion")
        traffic.ended("completion", status, 1.0)
    assert traffic.told(1.0)["operations"]["completion"]["statuses"] == {"200": 2, "503": 1, "gone": 1}


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    """At the second."""
    traffic = Traffic()
    traffic.made(3, 100.9)
    assert traffic.told(159.9)["tokens"] == [3] + [0] * 59
    assert traffic.told(160.0)["tokens"] == [0] * WINDOW


def test_the_memory_is_bounded() -> None:
    """An hour is kept in no more seconds than a minute."""
    traffic = Traffic()
    for now in range(3600):
        traffic.made(1, now)
    assert len(traffic._seconds) == WINDOW
    assert traffic.told(3599)["tokens"] == [1] * WINDOW


def test_a_thread_that_is_late_counts_now() -> None:
    """Two threads read the clock before either counts."""
    traffic = Traffic()
    traffic.made(1, 10.0)
    traffic.made(1, 9.9)
    assert traffic.told(10.0)["tokens"][-2:] == [0, 2]


def test_each_chunk_with_text_is_a_token() -> None:
    """Neither the greeting nor the end is one."""
    count = TokenCount()
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    assert [count.of(chunk) for chunk in (GREETING, WORD, WORD, end)] == [0, 1, 1, 0]
    assert TokenCount().of({"choices": [{"index": 0, "text": "word"}]}) == 1


def test_the_usage_has_the_last_word() -> None:
    """What was held back is counted with it."""
    count = TokenCount()
    usage = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}}
    assert [count.of(chunk) for chunk in (GREETING, WORD, usage)] == [0, 1, 4]
