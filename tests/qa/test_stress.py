"""The parts of the stress, and a short run; `make stress` makes many calls."""

from __future__ import annotations

import asyncio

import pytest

from polargrid import AuthenticationError, NetworkError
from qa.stress.faults import FAULTS
from qa.stress.lanes import LANES
from qa.stress.payloads import CALL, OPERATIONS, Instruction, build_response, expected_value, text_of
from qa.stress.plans import Plan, make_plans
from qa.stress.resources import Resources, find_leaks
from qa.stress.run import main, run_checked, run_server
from qa.stress.tally import Tally
from qa.stress.verdicts import (
    CANCELLED,
    DOUBLE_SEND,
    FAILURES,
    FOREIGN,
    HANG,
    KEY,
    KEY_SHOWN,
    MIX_UP,
    NO_CONNECTION,
    PARTIAL,
    RACE,
    TOO_MANY,
    VALUE,
    WRONG,
    CallResult,
)

COUNTS = {"arrivals": {}, "late": 0, "shifted": [], "problems": [], "connections": 0}


def make_plan(**changes):
    """A call that expects three words."""
    fields = {"instruction": Instruction("n1x1", "none", "chat", 3), "address": "", "action": "finish", "chunks": 1}
    fields |= {"seconds": 0.01, "max_retries": 1, "timeout": 0.5, "deadline": 1.0, "file_size": 9}
    return Plan(**(fields | changes))


def make_result(outcome, *, attempts=1, origin="n1x1", seconds=0.1, **changes):
    """The result of such a call."""
    return CallResult(make_plan(**changes), outcome, attempts, origin, seconds)


def judge(*results, **counts):
    """The failures, and mix-ups in the race, of calls with these counts of the server."""
    tally = Tally()
    for result in results:
        tally.add(result)
    tally.compare({**COUNTS, "arrivals": {"n1x1": 1}, **counts})
    return {verdict: count for verdict in (*FAILURES, RACE) if (count := tally.count(verdict))}


def test_plans_are_repeatable():
    """The same seed makes the same calls."""
    assert list(make_plans("1x0", 300, can_cancel=True)) == list(make_plans("1x0", 300, can_cancel=True))


def test_plans_have_every_fault():
    """A lane meets each fault at least once."""
    plans = list(make_plans("1x0", 2 * len(FAULTS), can_cancel=False))
    assert {plan.instruction.fault for plan in plans} == FAULTS.keys()
    assert all(plan.operation in FAULTS[plan.instruction.fault].operations for plan in plans)
    assert len({plan.instruction.nonce for plan in plans}) == len(plans)


def test_there_are_forty_faults():
    """As many as the stress promises, each with a sentence."""
    assert len(FAULTS) > 40
    assert all(fault.text.endswith(".") for fault in FAULTS.values())


def test_lanes_are_all_combinations():
    """Both clients, all transports, with and without TLS; the async client on two event loops."""
    assert len({str(lane) for lane in LANES}) == len(LANES) == 18


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_instruction_is_a_header(operation):
    """The server decodes what the client encodes, and builds a response that names its call."""
    instruction = Instruction("n1x1", "none", operation, 5, "abc")
    assert Instruction.decode(instruction.encode()) == instruction
    assert b"n1x1!late-response." in build_response(instruction, "late-response").encode()
    assert b"x-stress: n1x1\r\n" in build_response(instruction).encode()
    assert "n1x1.1" in expected_value(instruction)


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (make_result((text_of("n1x1", 3), True)), VALUE),
        (make_result((text_of("n1x1", 2), True)), PARTIAL),
        (make_result((text_of("n1x1", 2), False)), VALUE),
        (make_result(("n1x1.0 hello", True)), WRONG),
        (make_result(NetworkError("broken")), "NetworkError"),
        (make_result(NetworkError("no", sent=False)), NO_CONNECTION),
        (make_result(NetworkError("no", sent=False), address="refused"), "NetworkError"),
        (make_result(NetworkError("broken"), seconds=99.0), HANG),
        (make_result(AuthenticationError(f"not {KEY}")), KEY_SHOWN),
        (make_result(AuthenticationError("no", code=KEY)), KEY_SHOWN),
        (make_result(ValueError("generator already executing")), FOREIGN),
        (make_result(asyncio.CancelledError()), FOREIGN),
        (make_result(asyncio.CancelledError(), action="cancel"), CANCELLED),
    ],
)
def test_verdict(result, verdict):
    """Each end of a call has one verdict."""
    assert result.verdict == verdict


@pytest.mark.parametrize(("arguments", "verdict"), [(["12", "34"], VALUE), (["1234"], WRONG), (["12"], PARTIAL)])
def test_tool_calls_are_compared_one_by_one(monkeypatch, arguments, verdict):
    """Two calls in one are not the same as two, though their text is."""
    monkeypatch.setattr("qa.stress.verdicts.expected_value", lambda _: f"{CALL}12{CALL}34")
    assert make_result(("".join(CALL + text for text in arguments), True)).verdict == verdict


def test_a_right_call_has_no_failure():
    """One attempt, which arrived once."""
    assert judge(make_result((text_of("n1x1", 3), True))) == {}


def test_a_double_send_is_found():
    """The server counts more than the client."""
    assert judge(make_result(NetworkError("broken")), arrivals={"n1x1": 2}) == {DOUBLE_SEND: 1}


def test_a_retry_beyond_the_policy_is_found():
    """The client counts more than it may."""
    assert judge(make_result(NetworkError("broken"), attempts=3), arrivals={"n1x1": 3}) == {TOO_MANY: 1}


@pytest.mark.parametrize(
    ("text", "origin", "shifted", "verdict"),
    [
        (text_of("n1x2", 3), "n1x2", [], MIX_UP),
        (text_of("n1x2", 3), "n1x2", ["n1x2"], RACE),
        (text_of("n1x2", 3, "surplus-response"), "", [], MIX_UP),
        (text_of("n1x2", 3, "late-response"), "", [], RACE),
        (text_of("n1x1", 3), "n1x2!late-response", [], RACE),
        (text_of("n1x1", 3), "n1x2!late-response-keyed", [], MIX_UP),
    ],
)
def test_a_mix_up_is_found(text, origin, shifted, verdict):
    """By the words of the value, or by the header; the race is a late response, and what follows it."""
    assert judge(make_result((text, True), origin=origin), shifted=shifted) == {verdict: 1}


def test_an_error_of_another_call_is_a_mix_up():
    """Except where its idempotency key shows that it is another's."""
    error = AuthenticationError("no")
    assert judge(make_result(error, origin="n1x2")) == {MIX_UP: 1}
    assert judge(make_result(error, origin="n1x2!late-response-keyed")) == {}


def test_leaks_are_found():
    """More descriptors or threads than before, and connections at the server."""
    assert find_leaks(Resources(9, 1, 50.0), Resources(9, 1, 90.0)) == []
    assert find_leaks(Resources(9, 1, 50.0), Resources(10, 1, 50.0)) == ["file descriptors: 10; 9 before"]
    tally = Tally()
    tally.compare({**COUNTS, "connections": 2})
    assert tally.problems == ["2 connections are open at the server"]
    assert tally.failures == 1


def test_failures_are_reported(monkeypatch, capsys):
    """With an example; the exit status is 1."""
    monkeypatch.setattr("qa.stress.run.run_lane", _run_nothing)
    assert main(["sync", "httpx", "http", "--calls", "1"]) == 1
    printed = capsys.readouterr().out
    assert "1 foreign exception, ValueError: oops, such as" in printed
    assert "FAILED" in printed


def _run_nothing(lane, urls, seed, calls):
    tally = Tally(str(lane))
    tally.add(make_result(ValueError("oops")))
    return tally


def test_lane_without_a_match_is_rejected(capsys):
    """The message lists the lanes."""
    with pytest.raises(SystemExit):
        main(["nowhere"])
    assert "no lane has all of: nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sync fast https", "async httpx http asyncio"])
def test_short_run(name):
    """Every fault once, and nothing that must not happen."""
    (lane,) = [lane for lane in LANES if str(lane) == name]
    with run_server() as addresses:
        tally = run_checked(lane, addresses, "7", len(FAULTS))
    assert tally.calls == len(FAULTS)
    assert tally.problems == []
    assert tally.examples == {}
    assert tally.failures == 0
