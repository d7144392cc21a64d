"""Calls with models are handed out to two threads."""

from __future__ import annotations

import pytest

from polargrid_contract.model_calls import ModelCalls

CALLS = {"speech": ["s1", "s2", "s time"], "chat": ["c1", "c2", "c3", "c4"], "transcription": ["t time", "t1"]}


def hand_out(calls):
    return ModelCalls(calls, lambda call: call.endswith("time"))


def test_a_thread_alone_makes_every_call():
    """The kind with most calls first, then the others; what measures time is last."""
    calls = list(hand_out(CALLS).iterate())
    assert calls[:4] == ["c1", "c2", "c3", "c4"]
    assert sorted(calls[-2:]) == ["s time", "t time"]
    assert sorted(calls) == sorted(call for group in CALLS.values() for call in group)


def test_two_threads_never_use_models_of_one_kind():
    """The second thread begins with another kind, and the first goes on with a third one."""
    queue = hand_out(CALLS)
    first, second = queue.iterate(), queue.iterate()
    assert [next(first), next(second)] == ["c1", "s1"]
    assert [next(first), next(first), next(first)] == ["c2", "c3", "c4"]
    assert next(first) == "t1"
    assert next(second) == "s2"


def test_a_thread_without_a_free_kind_ends():
    """The other one makes the rest."""
    queue = hand_out({"speech": ["s1", "s time"]})
    first, second = queue.iterate(), queue.iterate()
    assert next(first) == "s1"
    with pytest.raises(StopIteration):
        next(second)
    assert list(first) == ["s time"]


def test_a_thread_that_fails_leaves_its_kind():
    """The other thread goes on with it."""
    queue = hand_out({"chat": ["c1", "c2"]})
    first, second = queue.iterate(), queue.iterate()
    assert next(first) == "c1"
    first.close()
    assert list(second) == ["c2"]
