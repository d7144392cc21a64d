"""Runs over rows of a program, against a server."""

from __future__ import annotations

import asyncio
import json
import socket
import threading

import pytest

from polargrid import PolarGrid, PolarGridSync, errors
from polargrid_batch import BatchStoppedError, Limits, Result, RowPolicy, Summary, run, run_sync
from polargrid_testing.steps import Answer, Pause
from tests.batch.conftest import run_rows
from tests.batch.server import chat_row, drop_connection, error_answer

FAST = RowPolicy(first_delay=0.01, max_delay=0.01, max_attempts=4)
SOON = {"retry-after": "0.01"}


def test_each_row_has_one_result(serve):
    handler, url = serve()
    rows = [chat_row(f"p{number}") for number in range(60)]
    results = run_rows(rows, url)
    assert sorted(result.custom_id for result in results) == sorted(row["custom_id"] for row in rows)
    assert all(result.ok and result.body["choices"][0]["message"]["content"].startswith("re: p") for result in results)
    assert set(handler.counts.values()) == {1}


@pytest.mark.parametrize("status", [429, 503, 500, 502])
def test_a_storm_loses_no_row(serve, status):
    """A third of the first requests get an error, and no row does."""
    _, url = serve(lambda prompt, n: error_answer(status, **SOON) if n == 1 and int(prompt) % 3 == 0 else None)
    summary = Summary()
    results = run_rows([chat_row(str(number)) for number in range(60)], url, summary, policy=FAST)
    assert all(result.ok for result in results)
    assert {result.number for result in results} == set(range(1, 61))
    assert (summary.retries, summary.refusals) == (20, 20 if status in (429, 503) else 0)


def test_connections_that_break_lose_no_row(serve):
    _, url = serve(lambda prompt, n: drop_connection() if n == 1 and int(prompt) % 3 == 0 else None)
    results = run_rows([chat_row(str(number)) for number in range(30)], url, policy=FAST)
    assert all(result.ok for result in results)
    assert len(results) == 30


def test_a_server_that_is_always_busy_refuses_no_row_for_good(serve):
    """That refuses each fifth request."""
    handler, url = serve(delay=0.002)

    def script(prompt, n):
        return error_answer(429, **SOON) if handler.requests % 5 == 0 else None

    handler.script = script
    summary = Summary()
    results = run_rows([chat_row(str(number)) for number in range(100)], url, summary, max_in_flight=64)
    assert all(result.ok for result in results)
    assert len(results) == 100
    assert summary.refusals > 0


def test_attempts_of_a_row_have_one_idempotency_key(serve):
    handler, url = serve(lambda _prompt, n: error_answer(500) if n < 3 else None)
    run_rows([chat_row("a"), chat_row("b")], url, policy=FAST)
    assert [len(keys) for keys in handler.keys.values()] == [1, 1]
    assert handler.keys["a"] != handler.keys["b"]


def test_errors_are_results_that_say_why(serve):
    replies = {"404": error_answer(404, "model_not_found"), "500": error_answer(500), "html": Answer(200, {}, b"<p>")}
    _, url = serve(lambda prompt, _n: replies.get(prompt))
    rows = [chat_row(prompt) for prompt in replies] + [chat_row("ok"), chat_row("bad", temperature="hot"), {"url": 3}]
    summary = Summary()
    results = {result.number: result for result in run_rows(rows, url, summary, policy=FAST)}
    kinds = {number: result.failure.kind for number, result in results.items() if result.failure}
    assert kinds == {
        1: "NotFoundError",
        2: "InternalServerError",
        3: "APIResponseValidationError",
        5: "BadRequestError",
        6: "InvalidRow",
    }
    line = json.loads(results[1].to_line())
    assert line["response"]["status_code"] == 404
    assert line["response"]["body"] == {"error": {"message": "it is 404", "code": "model_not_found"}}
    assert (line["error"]["code"], line["error"]["attempts"]) == ("model_not_found", 1)
    assert results[2].failure.attempts == 4
    assert (results[5].failure.param, results[5].failure.attempts) == ("temperature", 0)
    assert json.loads(results[3].to_line())["response"]["body"] == "<p>"
    assert dict(summary.failures) == dict.fromkeys(kinds.values(), 1)
    assert summary.rows == len(rows) == summary.succeeded + summary.failed
    assert (summary.requests, summary.retries, summary.is_complete) == (7, 3, True)
    assert (summary.input_tokens, summary.output_tokens) == (3, 2)


@pytest.mark.parametrize("status", [401, 402])
def test_a_key_that_is_refused_ends_the_run(serve, status):
    """What was done is there, and no more is asked."""
    handler, url = serve(lambda prompt, _n: error_answer(status) if int(prompt) >= 10 else None)
    results: list[Result] = []
    summary = Summary()

    async def collect():
        async with PolarGrid(base_url=url, api_key="k") as client:
            rows = (chat_row(str(number)) for number in range(1000))
            async for result in run(rows, client=client, max_in_flight=4, summary=summary):
                results.append(result)  # noqa: PERF401 - those before the error are kept

    with pytest.raises(BatchStoppedError, match=f"the run ended: it is {status}") as caught:
        asyncio.run(collect())
    assert isinstance(caught.value.__cause__, errors.PolarGridError)
    assert all(result.ok for result in results)
    assert handler.requests < 20
    assert not summary.is_complete
    assert summary.left >= 1


def test_ordered_results_are_in_order(serve):
    """Though the first of each ten is asked twice."""
    _, url = serve(lambda prompt, n: error_answer(500) if n == 1 and int(prompt) % 10 == 0 else None)
    results = run_rows([chat_row(str(number)) for number in range(50)], url, ordered=True, policy=FAST)
    assert [result.number for result in results] == list(range(1, 51))


def test_no_more_than_max_in_flight(serve):
    """As the source is asked for rows only when they can be sent."""
    asked = []

    def rows():
        for number in range(2000):
            asked.append(number)
            yield chat_row(str(number))

    _, url = serve()

    async def take_one():
        async with PolarGrid(base_url=url, api_key="k") as client:
            results = run(rows(), client=client, max_in_flight=8)
            async for _ in results:
                break
            await results.aclose()

    asyncio.run(take_one())
    assert len(asked) < 500


def test_rows_may_come_from_an_async_iterator(serve):
    _, url = serve()

    async def rows():
        for number in range(5):
            yield {"model": "m", "messages": [{"role": "user", "content": str(number)}]}

    results = run_rows(rows(), url, operation="chat_completion")
    assert sorted(result.custom_id for result in results) == [f"row-{number}" for number in range(1, 6)]


def test_regions_share_the_rows(serve):
    first, second = serve(), serve()
    results = run_rows([chat_row(str(number)) for number in range(80)], first[1], regions=[first[1], second[1]])
    assert len(results) == 80
    assert first[0].requests + second[0].requests == 80
    assert min(first[0].requests, second[0].requests) > 10


def test_a_region_that_dies_loses_no_row(serve):
    first, second = serve(lambda _prompt, _n: drop_connection()), serve()
    results = run_rows(
        [chat_row(str(number)) for number in range(40)], first[1], regions=[first[1], second[1]], policy=FAST
    )
    assert all(result.ok for result in results)
    assert len(results) == 40


def test_an_outage_costs_no_row_its_attempts(serve):
    """Eight connections in a row break, and a row has two attempts."""
    handler, url = serve()
    handler.script = lambda _prompt, _n: drop_connection() if 10 < handler.requests <= 18 else None
    rows = [chat_row(str(number)) for number in range(30)]
    results = run_rows(rows, url, max_in_flight=1, policy=RowPolicy(max_attempts=2, first_delay=0, max_delay=0))
    assert all(result.ok for result in results)
    assert len(results) == 30


def test_a_run_that_reaches_no_server_ends():
    """Its address is wrong, perhaps."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(BatchStoppedError, match="no server was reached in 0 s"):
            run_rows([chat_row("a")] * 5, url, limits=Limits(first_success_within=0))


def test_what_is_no_record_is_an_error_of_its_row(serve):
    _, url = serve()
    kinds = [result.failure.kind for result in run_rows([3, None], url, operation="chat_completion")]
    assert kinds == ["InvalidRow", "InvalidRow"]


@pytest.mark.parametrize("options", [{"max_in_flight": 0}, {"regions": ["mars"]}, {"max_rows_per_minute": 0}])
def test_invalid_options_are_rejected(serve, options):
    _, url = serve()
    with pytest.raises((ValueError, errors.ValidationError)):
        run_rows([chat_row("a")], url, **options)


def test_a_sync_client_is_rejected(serve):
    with pytest.raises(TypeError, match="expected PolarGrid, the async client, not PolarGridSync"):
        list(run_sync([], client=PolarGridSync(region="local")))


def test_the_sync_form_yields_the_same(serve):
    _, url = serve()
    client = PolarGrid(base_url=url, api_key="k")
    results = list(run_sync((chat_row(str(number)) for number in range(20)), client=client))
    assert {result.number for result in results} == set(range(1, 21))


def test_the_sync_form_raises_the_same(serve):
    _, url = serve(lambda _prompt, _n: error_answer(401))
    with pytest.raises(BatchStoppedError):
        list(run_sync([chat_row("a")], client=PolarGrid(base_url=url, api_key="k")))


def test_the_sync_form_may_be_left(serve):
    _, url = serve()
    results = run_sync((chat_row(str(number)) for number in range(5000)), client=PolarGrid(base_url=url, api_key="k"))
    assert next(results).ok
    results.close()


def test_the_sync_form_may_be_left_while_the_server_hangs(serve):
    """As Ctrl-C does, or an error of the program: it does not wait for a response."""
    arrived = threading.Event()

    def script(prompt, _n):
        if prompt != "hangs":
            return None
        arrived.set()
        return [Pause(3600)]

    _, url = serve(script)
    results = run_sync([chat_row("a"), chat_row("hangs")], client=PolarGrid(base_url=url, api_key="k"))
    assert next(results).ok
    assert arrived.wait(60)
    results.close()


def test_an_error_of_the_rows_is_raised(serve):
    _, url = serve()

    def rows():
        yield chat_row("a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_rows(rows(), url)


def test_connections_of_the_client_bound_a_run(serve):
    """Rows that wait for a connection would time out."""
    handler, url = serve(delay=0.005)

    async def collect():
        async with PolarGrid(base_url=url, api_key="k", max_connections=2, timeout=0.5) as client:
            return [result async for result in run((chat_row(str(n)) for n in range(40)), client=client)]

    assert all(result.ok for result in asyncio.run(collect()))
    assert set(handler.counts.values()) == {1}
