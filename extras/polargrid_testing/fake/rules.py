"""Rules: which requests they answer, with what, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias

from polargrid_testing.arguments import check_answer_types, check_function, check_times
from polargrid_testing.fake.document import read_fields
from polargrid_testing.fake.embedding import InputCountError
from polargrid_testing.fake.families import Build
from polargrid_testing.fake.validation import check_answer
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer

When: TypeAlias = str | Callable[[ReceivedRequest], Any] | None


class Example:
    """Stands for the example of the document."""

    def __repr__(self) -> str:
        return "the example of openapi.yaml"


EXAMPLE: Final = Example()


class Rule:
    """Answers requests of some operations. `requests` are those that it answered, in order."""

    def __init__(
        self,
        operations: Sequence[str],
        values: Sequence[Any],
        build: Build,
        *,
        when: When = None,
        times: int | None = None,
        validate: bool = True,
    ) -> None:
        """`values` are given one after the other, and the last again and again, until `times` answers are given."""
        if not values:
            raise ValueError("expected at least one answer, got an empty list")
        check_times(times)
        if when is not None and not isinstance(when, str) and not callable(when):
            raise TypeError(f"when: expected a text or a function of the request, got {when!r}")
        functions = [item for item in (when, *values) if callable(item)]
        for function in functions:
            check_function(function)
        self.operations = tuple(operations)
        self.has_functions = bool(functions)
        """Whether it calls functions of the script, which may take their time."""
        self.requests: list[ReceivedRequest] = []
        self._values, self._build = tuple(values), build
        self._when, self._times, self._validate = when, times, validate
        self._uses = 0

    @property
    def is_used_up(self) -> bool:
        """Whether it has given as many answers as it should."""
        return self._times is not None and self._uses >= self._times

    def matches(self, request: ReceivedRequest) -> bool:
        """Whether it answers this request."""
        if request.operation not in self.operations or self.is_used_up:
            return False
        if isinstance(self._when, str):
            return self._when in request.text
        return self._when is None or bool(self._when(request))

    def answer(self, request: ReceivedRequest, number: int) -> Answer:
        """Return the next answer. Raises `InvalidAnswerError`, and what a function of the script raises."""
        return self.build(self.take(request), request, number)

    def take(self, request: ReceivedRequest, *, is_recorded: bool = True) -> Any:
        """Return the value of the next answer, which may be a function of the request."""
        value = self._values[min(self._uses, len(self._values) - 1)]
        self._uses += 1
        if is_recorded:
            self.requests.append(request)
        return value

    def build(self, value: Any, request: ReceivedRequest, number: int) -> Answer:
        """Return the answer of a value. Raises as `answer` does."""
        return self._build_valid(value(request) if callable(value) else value, request, number)

    def check(self, requests: Iterable[ReceivedRequest]) -> None:
        """Check the answers that do not depend on a request, with these. Raises `InvalidAnswerError` or `TypeError`."""
        for request in requests:
            for value in self._values:
                if not callable(value):
                    self._check(value, request)

    def _check(self, value: Any, request: ReceivedRequest) -> None:
        if isinstance(value, Answer):  # for a request that is not known yet
            check_answer_types(value)
            if self._validate:
                check_answer(request.operation, value, None)
            return
        if isinstance(value, bytes):  # audio, in a format that a request asks for
            self._build(value, request, 0)
            return
        with suppress(InputCountError):
            self._build_valid(value, request, 0)

    def _build_valid(self, value: Any, request: ReceivedRequest, number: int) -> Answer:
        answer = value if isinstance(value, Answer) else self._build(value, request, number)
        check_answer_types(answer)
        if self._validate:
            check_answer(request.operation, answer, read_fields(request))
        return answer

    def describe(self) -> str:
        """Say why it does not match, for a message."""
        if self.is_used_up:
            return f"a rule gave its {self._times} {'answer' if self._times == 1 else 'answers'}"
        return f"a rule has when={self._when!r}"
