"""The behaviour suite: selects checks and calls them for one operation at a time, side by side if they allow it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue

import httpx

from polargrid_contract.checks.lifecycle_scenario import restore_models
from polargrid_contract.client import NotAlone, ServerClient
from polargrid_contract.judgement import Judgement, build_outcome, judge
from polargrid_contract.model_calls import ModelCalls
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import Check
from polargrid_contract.results import Outcome


@dataclass(frozen=True)
class _Call:
    """A call of a check, for one operation; None is for all of its operations together."""

    check: Check
    operation: str | None
    is_alone: bool
    """Whether nothing else may be sent meanwhile."""
    has_effect: bool


def select_checks(
    checks: Iterable[Check],
    operations: Collection[DocumentedOperation],
    only: Collection[str],
    skip: Collection[str],
) -> Iterator[Check]:
    """Yield the checks that are selected by their name or by an operation.

    A skipped operation skips the checks of its meaning; checks of conventions go on with the other operations.
    """
    for check in checks:
        names = {check.name, *check.operations(operations)}
        skipped = names & set(skip)
        if (not only or names & set(only)) and (not skipped or not (check.name in skip or isinstance(check.on, tuple))):
            yield check


def run_checks(
    client: ServerClient,
    checks: Iterable[Check],
    *,
    until: float = float("inf"),
    on_outcome: Callable[[Outcome], None] | None = None,
    workers: int = 1,
) -> list[Outcome]:
    """Run the checks; return their outcomes in the same order, and pass each to `on_outcome` when it is known.

    Calls that would start after `until`, a reading of time.monotonic, are skipped. Up to `workers` calls are made side
    by side; then those that must be alone, and last those that change something.
    """
    checks = tuple(checks)
    calls = {check.name: list(_plan_calls(client, check)) for check in checks}
    judgements: dict[_Call, Judgement] = {}
    outcomes: dict[str, Outcome] = {}
    for call, judgement in _make_calls(client, [it for group in calls.values() for it in group], until, workers):
        judgements[call] = judgement
        group = calls[call.check.name]
        if all(it in judgements for it in group):
            outcome = outcomes[call.check.name] = build_outcome(call.check, [judgements[it] for it in group])
            if on_outcome:
                on_outcome(outcome)
    return [outcomes[check.name] for check in checks]


def _plan_calls(client: ServerClient, check: Check) -> Iterator[_Call]:
    operations = [client.operations[name] for name in check.operations(client.profile_operations)]
    groups = [operations] if check.together or not operations else [[operation] for operation in operations]
    for group in groups:
        has_effect = check.mutates or any(operation.has_effect for operation in group)
        name = None if check.together or not group else group[0].name
        is_alone = has_effect or (check.exclusive and not check.tries_beside)
        yield _Call(check, name, is_alone, has_effect)


def _make_calls(
    client: ServerClient, calls: Sequence[_Call], until: float, workers: int
) -> Iterator[tuple[_Call, Judgement]]:
    """Make all calls and yield each with its judgement, in the order in which they end.

    Calls that are not made side by side are made one after another: those that had to stop because others ran, those
    that must be alone, and those that change something, by operation: models that they unload are loaded again at the
    end.
    """

    def make(call: _Call) -> Judgement:
        return judge(client, call.check, call.operation, until=until)

    made: set[_Call] = set()
    if workers > 1:
        for call, judgement in _make_side_by_side(client, [it for it in calls if not it.is_alone], make, workers):
            made.add(call)
            yield call, judgement
    rest = [call for call in calls if call not in made]
    yield from ((call, make(call)) for call in rest if not call.has_effect and not call.is_alone)
    yield from ((call, make(call)) for call in rest if not call.has_effect and call.is_alone)
    # What they change is restored once: to load models takes longer than the calls.
    names = dict.fromkeys(call.operation for call in rest if call.has_effect)
    try:
        for name in names:
            yield from ((call, make(call)) for call in rest if call.has_effect and call.operation == name)
    finally:
        with suppress(httpx.ConnectError):  # the calls report it
            restore_models(client)


def _make_side_by_side(
    client: ServerClient, calls: Sequence[_Call], make: Callable[[_Call], Judgement], workers: int
) -> Iterator[tuple[_Call, Judgement]]:
    """Make calls on threads, and yield those that did not have to stop because others ran.

    Calls for operations with models are made on two threads (`ModelCalls`), so that the server has a core for each, and
    those for any other operation one after another.
    """
    models: dict[str, list[_Call]] = {}
    others: dict[str | None, list[_Call]] = {}
    for call in calls:
        if kind := _kind_of(client, call):
            models.setdefault(kind, []).append(call)
        else:
            others.setdefault(call.operation, []).append(call)
    queue = ModelCalls(models, lambda call: call.check.tries_beside)
    lanes: list[Iterable[_Call]] = [queue.iterate(), queue.iterate(), *others.values()]
    done: SimpleQueue[tuple[_Call, Judgement] | BaseException | None] = SimpleQueue()

    def run_lane(lane: Iterable[_Call]) -> None:
        try:
            for call in lane:
                if not client.shared.is_side_by_side:
                    return  # the run is aborted
                with suppress(NotAlone):
                    done.put((call, make(call)))
            done.put(None)
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            done.put(error)

    executor = ThreadPoolExecutor(workers, thread_name_prefix="check")
    client.shared.is_side_by_side = True
    try:
        remaining = [executor.submit(run_lane, lane) for lane in lanes]
        while remaining:
            item = done.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                remaining.pop()
            else:
                yield item
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        client.shared.is_side_by_side = False


def _kind_of(client: ServerClient, call: _Call) -> str | None:
    """The kind of the model that the operation of a call takes."""
    model = client.operations[call.operation].model if call.operation else None
    return model.kind if model else None
