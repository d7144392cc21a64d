"""A check is called for one operation at a time, and its result belongs to that operation; calls run side by side."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from polargrid_contract.behaviour import run_checks, select_checks
from polargrid_contract.cache import cache_per_operation, cached
from polargrid_contract.checks.requests import select, send
from polargrid_contract.checks.shapes import read_field
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.curl import build_curl
from polargrid_contract.registry import Check, CheckFunction, CheckSkipped, UnexpectedResponse, every_operation
from polargrid_contract.results import Outcome, Status, Violation
from tests.contract.changes import Send, build_client
from tests.contract.recorded_edge import KEY

READS = ("health", "get_status", "get_usage")


def build_check(function: CheckFunction, *, name: str = "made", on: Any = READS, **flags: bool) -> Check:
    options = {"mutates": False, "together": False, "exclusive": False, **flags}
    return Check(name, "A reason.", "A source", on, ("polargrid", "openai"), run=function, **options)


def respond(request: httpx.Request) -> httpx.Response:
    """An object, whatever the request is."""
    return httpx.Response(200, json={"path": request.url.path})


def run_made(function: CheckFunction, server: Send = respond, *, workers: int = 1, **options: Any) -> Outcome:
    flags = {name: options.pop(name) for name in ("on", "together", "exclusive", "mutates") if name in options}
    with closing(build_client(server, **options)) as client:
        (outcome,) = run_checks(client, [build_check(function, **flags)], workers=workers)
    return outcome


def statuses(outcome: Outcome) -> dict[str, Status]:
    return {result.operation: result.status for result in outcome.results}


def send_to_all(client: ServerClient) -> Iterator[Violation]:
    for operation in select(client, every_operation):
        send(client, operation.name)
    yield from ()


def test_a_check_sees_one_operation_at_a_time():
    """`together` checks see all of theirs."""
    seen: list[list[str]] = []

    def remember(client: ServerClient) -> Iterator[Violation]:
        seen.append([operation.name for operation in client.profile_operations if operation.name in READS])
        yield from ()

    run_made(remember)
    run_made(remember, together=True)
    assert seen == [["health"], ["get_status"], ["get_usage"], list(READS)]


# Results


def test_an_exception_is_no_violation():
    """It concerns one operation, which could not be judged; the result has the exchange and the place."""

    def stumble(client: ServerClient) -> Iterator[Violation]:
        for operation in select(client, every_operation):
            exchange = client.send(operation.name)
            if operation.name == "get_status":
                exchange.json()["missing"]
        yield from ()

    outcome = run_made(stumble)
    assert (outcome.status, outcome.violations) == ("error", ())
    assert statuses(outcome) == {"health": "passed", "get_status": "error", "get_usage": "passed"}
    result = outcome.results[1]
    assert "KeyError: 'missing' (test_runs_by_operation.py:" in result.note
    assert [exchange.operation for exchange in result.exchanges] == ["get_status"]


def test_the_exchange_is_the_one_that_the_check_looked_at():
    """It need not be the last that was sent, and it may be cached."""

    def send_twice(client: ServerClient) -> list[Any]:
        return [client.send("health", path=path) for path in ("/first", "/second", "/third", "/fourth")]

    def stumble(client: ServerClient) -> Iterator[Violation]:
        for exchange in cached(client, "paths", lambda: send_twice(client)):
            if exchange.url.endswith("/first"):
                raise ValueError(exchange.url)
        yield from ()

    def stumble_later(client: ServerClient) -> Iterator[Violation]:
        cached(client, "paths", lambda: send_twice(client))
        raise ValueError("later")
        yield

    with closing(build_client(respond)) as client:
        checks = [
            build_check(stumble, name="first", on=("health",)),
            build_check(stumble_later, name="later", on=("health",)),
        ]
        first, later = run_checks(client, checks)
    assert [exchange.url for exchange in first.results[0].exchanges] == ["http://edge.test/first"]
    assert [exchange.url for exchange in later.results[0].exchanges][-1] == "http://edge.test/fourth"


def test_a_response_of_another_shape_is_a_violation():
    """`read_field` reports it, at the operation of the exchange; the operation of the call was not looked at."""

    def read(client: ServerClient) -> Iterator[Violation]:
        read_field(client.send("list_models"), "data", 0, "id", kind=str)
        yield from ()

    outcome = run_made(read, on=("health", "list_models"))
    assert outcome.status == "failed"
    assert {(violation.operation, violation.expected) for violation in outcome.violations} == {
        ("list_models", "a text in data.0.id")
    }
    assert statuses(outcome) == {"list_models": "failed", "health": "skipped"}


def test_ten_violations_of_each_operation_are_kept():
    """The others are counted, and no operation is hidden by another one."""

    def report(client: ServerClient) -> Iterator[Violation]:
        for operation in select(client, every_operation):
            exchange = client.send(operation.name)
            for number in range(13 if operation.name == "health" else 2):
                yield client.violation(exchange, expected="another number", actual=str(number))

    for together in (False, True):
        outcome = run_made(report, together=together, only=READS)
        assert Counter(violation.operation for violation in outcome.violations) == {
            "health": 10,
            "get_status": 2,
            "get_usage": 2,
        }
        assert [result.omitted for result in outcome.results if result.operation == "health"] == [3]


def test_an_operation_to_which_nothing_is_sent_is_not_passed():
    """It is skipped, also in a check of several operations together."""

    def send_to_one(client: ServerClient) -> Iterator[Violation]:
        if client.scope in (None, "health"):
            client.send("health")
        yield from ()

    for together in (False, True):
        outcome = run_made(send_to_one, together=together)
        assert statuses(outcome) == {"health": "passed", "get_status": "skipped", "get_usage": "skipped"}
        assert outcome.status == "passed"


def test_an_operation_that_is_not_implemented_is_not_passed():
    """A server that responds with 501 does not support it."""

    def respond_501(request: httpx.Request) -> httpx.Response:
        return httpx.Response(501 if request.url.path == "/v1/usage" else 200, json={})

    assert statuses(run_made(send_to_all, respond_501))["get_usage"] == "not_supported"


def test_an_operation_that_the_profile_allows_to_miss_is_not_supported():
    """The other one is looked at."""

    def respond_404(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404 if request.url.path == "/v1/embeddings" else 200, json={})

    outcome = run_made(send_to_all, respond_404, on=("create_embedding", "list_models"), profile="openai")
    assert statuses(outcome) == {"create_embedding": "not_supported", "list_models": "passed"}


def test_a_missing_operation_is_a_violation_of_that_operation():
    """In the profile polargrid, which has all of them."""

    def miss(client: ServerClient) -> Iterator[Violation]:
        if client.scope == "get_usage":
            raise OperationMissing("no usage")
        client.send(str(client.scope))
        yield from ()

    outcome = run_made(miss)
    assert [violation.operation for violation in outcome.violations] == ["get_usage"]
    assert statuses(outcome) == {"health": "passed", "get_status": "passed", "get_usage": "failed"}


def test_a_skipped_operation_does_not_skip_the_others():
    """The note has the reason."""

    def skip(client: ServerClient) -> Iterator[Violation]:
        client.send(str(client.scope))
        if client.scope == "health":
            raise CheckSkipped("too fast to measure")
        yield from ()

    outcome = run_made(skip)
    assert statuses(outcome) == {"health": "skipped", "get_status": "passed", "get_usage": "passed"}
    assert outcome.results[0].note == "too fast to measure"


def test_operations_after_the_time_budget_are_skipped():
    """Those before it are not."""
    until = float("-inf")
    with closing(build_client(respond)) as client:
        (outcome,) = run_checks(client, [build_check(send_to_all)], until=until)
    assert {result.note for result in outcome.results} == {"the time budget is spent"}
    assert outcome.status == "skipped"


def test_a_connection_that_the_server_refuses_is_a_violation():
    """It has the exchange; what the client library rejects to send is not the server's fault."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    def reject(request: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError("illegal header value")

    refused = run_made(send_to_all, refuse, on=("health",))
    assert [(it.operation, it.expected) for it in refused.violations] == [("health", "a connection")]
    assert refused.violations[0].exchange is not None
    assert run_made(send_to_all, reject, on=("health",)).status == "error"


def test_a_server_error_is_no_missing_option():
    """500 where something optional is requested is a violation; 400 and 501 say that it is not supported."""
    from polargrid_contract.checks.parameters import check_n

    def respond_to_n(status: int) -> Send:
        def apply(request: httpx.Request) -> httpx.Response:
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            choices = [{"index": 0, "text": "Hi", "finish_reason": "stop"}]
            return httpx.Response(
                status if b'"n"' in request.content else 200, json={"choices": choices, "usage": usage}
            )

        return apply

    for status, expected in ((500, "failed"), (503, "failed"), (400, "not_supported"), (501, "not_supported")):
        outcome = run_made(check_n, respond_to_n(status), on=("completion",), profile="openai")
        assert statuses(outcome) == {"completion": expected}, status


# Selection


def test_only_an_operation_restricts_the_calls():
    """A check of two operations is called for the one that is selected."""
    outcome = run_made(send_to_all, only=("health",))
    assert statuses(outcome) == {"health": "passed"}


def test_a_skipped_operation_skips_the_checks_of_its_meaning():
    """Checks of conventions go on with the others."""
    meaning, convention = build_check(send_to_all, name="a"), build_check(send_to_all, name="b", on=every_operation)
    with closing(build_client(respond)) as client:
        selected = select_checks([meaning, convention], client.operations.values(), (), ("health",))
        assert [check.name for check in selected] == ["b"]


# Side by side


def count_requests(server: Send = respond) -> tuple[Counter[str], Send]:
    counts: Counter[str] = Counter()
    lock = threading.Lock()

    def apply(request: httpx.Request) -> httpx.Response:
        with lock:
            counts[request.url.path] += 1
        return server(request)

    return counts, apply


@cache_per_operation
def send_each(client: ServerClient) -> list[Any]:
    return [send(client, operation.name) for operation in select(client, lambda it: it.name in READS)]


def read_each(client: ServerClient) -> Iterator[Violation]:
    assert send_each(client)
    yield from ()


@pytest.mark.parametrize("workers", [1, 4])
def test_a_value_is_computed_once(workers: int):
    """Checks of one operation share it, and a check of all of them joins the values."""
    counts, server = count_requests()
    checks = [build_check(read_each, name=f"check {number}") for number in range(8)]
    checks.append(build_check(read_each, name="all", together=True))
    with closing(build_client(server)) as client:
        outcomes = run_checks(client, checks, workers=workers)
    assert {outcome.status for outcome in outcomes} == {"passed"}
    assert counts == {"/health": 1, "/v1/status": 1, "/v1/usage": 1}


def test_a_finding_is_raised_again_without_requests():
    """A response that is not as documented is a violation of each check that needs it."""
    counts, server = count_requests()

    def read(client: ServerClient) -> Iterator[Violation]:
        cached(client, "models", lambda: read_field(client.send("health"), "none"))
        yield from ()

    checks = [build_check(read, name=name, on=("health",)) for name in ("first", "second")]
    with closing(build_client(server)) as client:
        outcomes = run_checks(client, checks)
    assert [outcome.status for outcome in outcomes] == ["failed", "failed"]
    assert counts == {"/health": 1}


def test_an_exception_leaves_no_value():
    """The next check computes it."""
    counts, server = count_requests()
    attempts = Counter[str]()

    def stumble_once(client: ServerClient) -> int:
        attempts["all"] += 1
        client.send("health")
        if attempts["all"] == 1:
            raise ValueError("stumbled")
        return 1

    def read(client: ServerClient) -> Iterator[Violation]:
        cached(client.base, "value", lambda: stumble_once(client))
        yield from ()

    checks = [build_check(read, name=name, on=("health",)) for name in ("first", "second", "third")]
    with closing(build_client(server)) as client:
        outcomes = run_checks(client, checks)
    assert [outcome.status for outcome in outcomes] == ["error", "passed", "passed"]
    assert counts == {"/health": 2}


def test_outcomes_are_in_the_order_of_the_checks():
    """They are passed on when they are known: the first one waits for all others here."""
    others_are_done = threading.Event()
    done: list[str] = []

    def wait(client: ServerClient) -> Iterator[Violation]:
        assert others_are_done.wait(30)
        yield from send_to_all(client)

    def on_outcome(outcome: Outcome) -> None:
        done.append(outcome.check)
        if len(done) == 3:
            others_are_done.set()

    checks = [build_check(wait, name="0", on=("health",))]
    checks += [build_check(send_to_all, name=str(number), on=("get_status",)) for number in range(1, 4)]
    with closing(build_client(respond)) as client:
        outcomes = run_checks(client, checks, on_outcome=on_outcome, workers=2)
    assert [outcome.check for outcome in outcomes] == ["0", "1", "2", "3"]
    assert done[-1] == "0"


def record_overlaps(flags: dict[str, bool], on: Any = READS) -> tuple[set[bool], list[str]]:
    """Run a check with these flags among others; return whether any call ran beside another, and the order."""
    running = Counter[str]()
    overlaps: set[bool] = set()
    order: list[str] = []
    lock = threading.Lock()

    def watch(name: str) -> Callable[[ServerClient], Iterator[Violation]]:
        def function(client: ServerClient) -> Iterator[Violation]:
            with lock:
                running[name] += 1
                order.append(name)
            yield from send_to_all(client)
            with lock:
                if name == "watched":
                    overlaps.add(running.total() > 1)
                running[name] -= 1

        return function

    checks = [build_check(watch("watched"), name="watched", on=on, **flags)]
    checks += [build_check(watch("other"), name=f"other {number}", on=every_operation) for number in range(3)]
    with closing(build_client(respond)) as client:
        run_checks(client, checks, workers=4)
    return overlaps, order


@pytest.mark.parametrize("flag", ["exclusive", "mutates"])
def test_what_measures_or_changes_runs_alone(flag: str):
    """It runs after the calls that may run side by side."""
    overlaps, order = record_overlaps({flag: True})
    assert overlaps == {False}
    assert order.index("other") < order.index("watched")


def test_a_call_for_an_operation_with_an_effect_runs_alone():
    """By `x-effect`, and without it by the method."""
    overlaps, _ = record_overlaps({}, on=("unload_all_models", "purge_gpu"))
    assert overlaps == {False}


def test_a_check_may_require_to_be_alone():
    """It is called again when no other check runs; its values are cached."""
    counts, server = count_requests()

    def measure(client: ServerClient) -> Iterator[Violation]:
        cached(client, "value", lambda: client.send("health"))
        client.require_alone()
        client.send("get_usage")
        yield from ()

    checks = [build_check(measure, name="measures", on=("health",)), build_check(send_to_all, name="other")]
    with closing(build_client(server)) as client:
        outcomes = run_checks(client, checks, workers=3)
    assert [outcome.status for outcome in outcomes] == ["passed", "passed"]
    assert counts == {"/health": 2, "/v1/status": 1, "/v1/usage": 2}


def test_a_check_that_measures_may_try_beside_others():
    """It is called beside them first, and once more alone if its result is not clear."""
    alone: list[bool] = []

    def measure(client: ServerClient) -> Iterator[Violation]:
        client.send("health")
        alone.append(client.is_alone)
        client.require_alone()
        yield from ()

    check = build_check(measure, name="measures", on=("health",), exclusive=True, tries_beside=True)
    with closing(build_client(respond)) as client:
        (outcome,) = run_checks(client, [check], workers=2)
    assert (outcome.status, alone) == ("passed", [False, True])


def test_requests_to_models_of_one_kind_are_sent_one_after_another():
    """A server that batches requests may give another text each time."""
    lock, running, most = threading.Lock(), Counter[str](), Counter[str]()

    def server(request: httpx.Request) -> httpx.Response:
        kind = "chat" if "completions" in request.url.path else "other"
        with lock:
            running[kind] += 1
            most[kind] = max(most[kind], running[kind])
        response = respond(request)
        with lock:
            running[kind] -= 1
        return response

    checks = [build_check(send_to_all, name=str(number), on=("chat_completion", "completion")) for number in range(20)]
    with closing(build_client(server)) as client:
        run_checks(client, checks, workers=8)
    assert most["chat"] == 1


def test_a_busy_server_gets_one_request_after_another():
    """A response with 429 or 503 to requests side by side is no evidence; afterwards it is."""
    both_are_here = threading.Barrier(2, timeout=30)
    numbers = itertools.count()

    def server(request: httpx.Request) -> httpx.Response:
        if next(numbers) > 1:
            return respond(request)
        both_are_here.wait()
        return httpx.Response(429, headers={"retry-after": "0"})

    def expect_200(client: ServerClient) -> Iterator[Violation]:
        exchange = client.send(str(client.scope))
        if exchange.status != 200:
            yield client.violation(exchange, expected="status 200", actual=str(exchange.status))

    with closing(build_client(server)) as client:
        (outcome,) = run_checks(client, [build_check(expect_200, on=("health", "get_usage"))], workers=2)
        assert len(client.shared.rate_limited) == 2
    assert statuses(outcome) == {"health": "passed", "get_usage": "passed"}


def test_an_unexpected_response_names_its_operation():
    """For a reader of a log."""
    with closing(build_client(respond)) as client:
        exchange = client.send("health")
        assert str(UnexpectedResponse(client.violation(exchange, expected="a", actual="b"))) == (
            "health: expected a; actual b"
        )
    assert KEY not in build_curl(exchange)


def test_an_aborted_run_makes_no_more_calls():
    """An exception that is none of a check ends the run, on every thread."""
    called: list[str] = []

    def abort(_: Outcome) -> None:
        raise KeyboardInterrupt

    def remember(client: ServerClient) -> Iterator[Violation]:
        called.append(str(client.scope))
        yield from send_to_all(client)

    first = build_check(send_to_all, name="first", on=("get_status",))
    rest = [build_check(remember, name=str(number), on=("health",)) for number in range(200)]
    with closing(build_client(respond)) as client:
        with pytest.raises(KeyboardInterrupt):
            run_checks(client, [first, *rest], on_outcome=abort, workers=2)
        assert not client.shared.is_side_by_side
    for thread in threading.enumerate():
        if thread.name.startswith("check"):
            thread.join(30)
    assert len(called) < 200
