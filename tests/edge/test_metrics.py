"""The metrics of the last minute."""

from __future__ import annotations

from polargrid_edge.http.metrics import WINDOW, Metrics, TokenCounter

ROLE = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}
WORD = {"choices": [{"index": 0, "delta": {"content": "word"}}]}


def test_new_metrics_are_zero() -> None:
    """For each second of the window."""
    assert Metrics().snapshot(1000.0) == {"tokens": [0] * WINDOW, "in_flight": {}, "operations": {}}


def test_a_request_is_in_flight_until_it_finishes() -> None:
    """Then it counts in the second of its end."""
    metrics = Metrics()
    metrics.start("health")
    assert metrics.snapshot(5.0)["in_flight"] == {"health": 1}
    metrics.finish("health", 200, 5.5)
    snapshot = metrics.snapshot(7.0)
    assert snapshot["in_flight"] == {}
    assert snapshot["operations"] == {"health": {"requests": [0] * 57 + [1, 0, 0], "statuses": {"200": 1}}}


def test_statuses_are_counted_separately() -> None:
    """Disconnected clients as well."""
    metrics = Metrics()
    for status in (200, 503, 200, None):
        metrics.start("completion")
        metrics.finish("completion", status, 1.0)
    assert metrics.snapshot(1.0)["operations"]["completion"]["statuses"] == {"200": 2, "503": 1, "gone": 1}


def test_counts_leave_the_window_after_a_minute() -> None:
    """To the second."""
    metrics = Metrics()
    metrics.add_tokens(3, 100.9)
    assert metrics.snapshot(159.9)["tokens"] == [3] + [0] * 59
    assert metrics.snapshot(160.0)["tokens"] == [0] * WINDOW


def test_memory_is_bounded() -> None:
    """An hour of counts takes the memory of a minute."""
    metrics = Metrics()
    for now in range(3600):
        metrics.add_tokens(1, now)
    assert len(metrics._seconds) == WINDOW
    assert metrics.snapshot(3599)["tokens"] == [1] * WINDOW


def test_an_older_time_counts_in_the_current_second() -> None:
    """Two threads may read the clock before either counts."""
    metrics = Metrics()
    metrics.add_tokens(1, 10.0)
    metrics.add_tokens(1, 9.9)
    assert metrics.snapshot(10.0)["tokens"][-2:] == [0, 2]


def test_a_chunk_with_text_is_a_token() -> None:
    """The first chunk with the role and the last with the finish_reason are not."""
    counter = TokenCounter()
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    assert [counter.count(chunk) for chunk in (ROLE, WORD, WORD, end)] == [0, 1, 1, 0]
    assert TokenCounter().count({"choices": [{"index": 0, "text": "word"}]}) == 1


def test_the_usage_corrects_the_count() -> None:
    """It includes the tokens of buffered text."""
    counter = TokenCounter()
    usage = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}}
    assert [counter.count(chunk) for chunk in (ROLE, WORD, usage)] == [0, 1, 4]
