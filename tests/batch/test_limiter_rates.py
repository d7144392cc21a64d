"""Rows and tokens a minute, the spread over regions, and what responses say to a limiter."""

from __future__ import annotations

import math

import pytest

from polargrid.errors import (
    APIConnectionError,
    AuthenticationError,
    NetworkError,
    RateLimitError,
    ServerError,
    TimeoutError,  # noqa: A004 - the documented name
)
from polargrid_batch.limiter import AIMDLimiter, Bounds
from polargrid_batch.outcomes import read_hold, read_outcome, read_status
from polargrid_batch.rates import Bucket, Rates
from polargrid_batch.spread import Spread
from polargrid_runtime.response import ResponseMeta


def count_sent(rates: Rates, tokens: float, seconds: float) -> int:
    """Return how many rows are sent in a time, each as soon as it may be."""
    now, rows = 0.0, 0
    while (now := rates.ready_at(now, tokens)) < seconds:
        rates.take(now, tokens)
        rows += 1
    return rows


@pytest.mark.parametrize(
    ("rates", "rows"),
    [
        (Rates(rows_per_minute=600), 600),
        (Rates(tokens_per_minute=6000), 600),
        (Rates(rows_per_minute=60, tokens_per_minute=6000), 60),
        (Rates(rows_per_minute=6000, tokens_per_minute=600), 60),
    ],
)
def test_rates_of_a_minute(rates, rows):
    """The stricter one counts; a row has ten tokens."""
    assert count_sent(rates, 10, 60.0) == pytest.approx(rows, abs=15)


def test_no_rate_is_no_limit():
    """Every row may be sent at once."""
    assert Rates().ready_at(5.0, 1e9) == 5.0


def test_row_with_more_tokens_than_a_second_has_is_sent_and_paid_for():
    """It waits for a full bucket, not for ever."""
    bucket = Bucket(per_minute=60)
    assert bucket.ready_at(0.0, 30) == 0.0
    bucket.take(0.0, 30)
    assert bucket.ready_at(0.0, 1) == pytest.approx(30.0)


def test_estimate_of_tokens_is_corrected():
    """By what the response says; in both directions."""
    rates = Rates(tokens_per_minute=60)
    rates.take(0.0, 1)
    rates.correct(0.0, 10)
    assert rates.ready_at(0.0, 1) == pytest.approx(11.0)
    rates.correct(0.0, -5)
    assert rates.ready_at(0.0, 1) == pytest.approx(6.0)


def test_rate_must_be_above_zero():
    """The message shows the value."""
    with pytest.raises(ValueError, match="expected a rate above 0, not 0"):
        Rates(rows_per_minute=0)


def test_rate_must_be_a_number():
    """NaN is neither above nor below anything."""
    with pytest.raises(ValueError, match="expected a rate above 0, not nan"):
        Rates(tokens_per_minute=math.nan)


@pytest.mark.parametrize("outcome", ["refusal", "unreachable", "failure", "abandoned"])
def test_tokens_of_a_row_without_a_response_are_given_back(outcome):
    """A server that refuses a row generates nothing; a row with a large limit would hold up all others."""
    spread = Spread({"yvr": AIMDLimiter(jitter=lambda: 0.0)}, Rates(tokens_per_minute=60))
    spread.release(spread.acquire(0.0, 5000), outcome, 0.0)
    assert spread.wake_at(0.0, 1) < 1.0


def create_spread(rates: Rates | None = None, **places: int) -> Spread:
    return Spread({name: AIMDLimiter(Bounds(start=count, ceiling=count)) for name, count in places.items()}, rates)


def test_rows_go_where_the_smallest_part_of_the_places_is_taken():
    """Each region gets its share from the first row on."""
    spread = create_spread(yvr=8, ymq=2)
    regions = [spread.acquire(0.0).region for _ in range(10)]
    assert regions[:5].count("ymq") == 1
    assert (regions.count("yvr"), regions.count("ymq")) == (8, 2)
    assert spread.acquire(0.0) is None
    assert spread.wake_at(0.0) is None


def test_region_that_is_held_does_not_hold_the_others():
    """The run goes on in the regions that accept rows."""
    spread = create_spread(yvr=4, ymq=4)
    spread.release(spread.acquire(0.0), "refusal", 0.0, hold=60.0)
    assert [spread.acquire(0.0).region for _ in range(4)] == ["ymq"] * 4
    assert spread.acquire(0.0) is None
    assert spread.wake_at(0.0) == 60.0


def test_only_an_outage_of_all_regions_is_total():
    """Then single rows probe each of them."""
    spread = create_spread(yvr=1, ymq=1)
    first, second = spread.acquire(0.0), spread.acquire(0.0)
    spread.release(first, "unreachable", 0.0)
    assert not spread.is_out
    spread.release(second, "unreachable", 0.0)
    assert spread.is_out


def test_rate_of_the_run_counts_for_all_regions():
    """And no place is taken before it allows a row."""
    spread = create_spread(Rates(rows_per_minute=60), yvr=4, ymq=4)
    assert spread.acquire(0.0) is not None
    assert spread.acquire(0.0) is None
    assert sum(limiter.in_flight for limiter in spread.limiters.values()) == 1
    assert spread.wake_at(0.0) == pytest.approx(1.0)
    assert spread.acquire(spread.wake_at(0.0)) is not None


def test_spread_needs_a_region():
    """The message says so."""
    with pytest.raises(ValueError, match="expected at least one region"):
        Spread({})


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, ("success", None)),
        (429, {}, ("refusal", None)),
        (429, {"retry-after": "7"}, ("refusal", 7.0)),
        (503, {"retry-after-ms": "250"}, ("refusal", 0.25)),
        (429, {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}, ("refusal", 360.0)),
        (200, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20ms"}, ("success", 0.02)),
        (200, {"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "20ms"}, ("success", None)),
        (504, {}, ("overload", None)),
        (500, {}, ("failure", None)),
        (404, {}, ("failure", None)),
    ],
)
def test_status_and_headers(status, headers, expected):
    """Refusals, and for how long."""
    assert read_status(status, headers) == expected


@pytest.mark.parametrize(("value", "seconds"), [("1.5", 1.5), ("1h1m1s", 3661.0), ("soon", None), ("", None)])
def test_durations_of_rate_limits(value, seconds):
    """As servers write them; what is none is ignored."""
    assert read_hold({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": value}) == seconds


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "success"),
        (RateLimitError("", status_code=429), "refusal"),
        (ServerError("", status_code=500), "failure"),
        (AuthenticationError("", status_code=401), "failure"),
        (NetworkError(""), "unreachable"),
        (APIConnectionError("the client is closed"), "failure"),
        (TimeoutError("", sent=True), "overload"),
        (TimeoutError("", sent=False), "unreachable"),
        (ServerError("not JSON"), "failure"),
        (KeyboardInterrupt(), "abandoned"),
    ],
)
def test_exceptions_of_the_sdk(error, outcome):
    """A connection, a timeout, a status, a cancellation."""
    assert read_outcome(error).outcome == outcome


def test_headers_of_an_exception_count():
    """They are in its metadata."""
    error = RateLimitError("", status_code=429)
    error.meta = ResponseMeta(headers={"retry-after": "3"})
    assert read_outcome(error) == ("refusal", 3.0)
