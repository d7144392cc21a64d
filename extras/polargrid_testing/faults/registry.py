"""Faults by name: what each of them is, and one with its options."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from polargrid_testing.faults.answers import error_answer
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Answer, Step

Phase: TypeAlias = Literal["connect", "head", "response", "server"]
Apply = TypeVar("Apply", bound=Callable[..., Any])

_REGISTRY: dict[str, Fault] = {}
FAULTS: Mapping[str, Fault] = _REGISTRY
"""Every fault by its name."""


_LEAST: Mapping[str, int] = {"after": 0, "count": 1, "delay": 0, "seconds": 0}
"""The least number of an option, in every fault that has it. What a server may send, as Retry-After, has no limit."""


def _limit(name: str, kind: Any) -> Any:
    """Return the type of an option with its limits."""
    return Annotated[kind, Field(ge=_LEAST[name], allow_inf_nan=False)] if name in _LEAST else kind


@dataclass(frozen=True)
class Fault:
    """A way in which a server, a network, a certificate or a name lookup fails."""

    name: str
    summary: str
    phase: Phase
    """When it acts: "connect", on a new connection; "head", before the body of a request is read; "response", on the
    response to a request; "server", as long as it is active."""
    apply: Callable[..., Any]
    """Takes any of `request`, `answer` and `server`, and the options. It returns steps, an Answer, or None if it does
    not apply; a fault of a server returns a context manager."""

    @cached_property
    def options(self) -> type[BaseModel]:
        """The options with their types and defaults."""
        hints = get_type_hints(self.apply)
        fields: dict[str, Any] = {
            name: (_limit(name, hints[name]), ... if option.default is option.empty else option.default)
            for name, option in inspect.signature(self.apply).parameters.items()
            if option.kind is option.KEYWORD_ONLY
        }
        if "answer" in self.inputs and not self.name.startswith("stream-"):
            fields.setdefault("status", (int | None, None))  # the fault is that of an error response
        return create_model(self.name, __config__=ConfigDict(extra="forbid", strict=True), **fields)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """What it is a function of, except for its options."""
        parameters = inspect.signature(self.apply).parameters.values()
        return tuple(item.name for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class BoundFault:
    """A fault with its options."""

    fault: Fault
    options: Mapping[str, Any]

    @property
    def phase(self) -> Phase:
        """When it acts."""
        return self.fault.phase

    def on_connect(self) -> Iterable[Step] | None:
        """Return the steps of a new connection; None if it does not apply."""
        return self._apply() if self.phase == "connect" else None

    def on_head(self, request: ReceivedRequest) -> Iterable[Step] | None:
        """Return the steps of a request whose body was not read yet; None if it does not apply."""
        return self._apply(request=request) if self.phase == "head" else None

    def respond(self, request: ReceivedRequest, answer: Answer) -> Iterable[Step] | None:
        """Return the steps of a response that this answer would be; None if it does not apply."""
        if self.phase != "response":
            return None
        status = self.options.get("status")
        if status is not None and "status" not in inspect.signature(self.fault.apply).parameters:
            answer = error_answer(status)
        return self._apply(request=request, answer=answer)

    def start(self, server: LoopbackServer) -> AbstractContextManager[None]:
        """Return the block in which the server has the fault."""
        block: AbstractContextManager[None] = self._call(server=server)
        return block

    def _apply(self, **values: Any) -> Iterable[Step] | None:
        result = self._call(**values)
        return result.steps() if isinstance(result, Answer) else result

    def _call(self, **values: Any) -> Any:
        allowed = inspect.signature(self.fault.apply).parameters
        options = {name: value for name, value in self.options.items() if name in allowed}
        return self.fault.apply(*(values[name] for name in self.fault.inputs), **options)

    def __str__(self) -> str:
        return ", ".join([repr(self.fault.name), *(f"{name}={value!r}" for name, value in self.options.items())])


def fault(name: str, *, phase: Phase) -> Callable[[Apply], Apply]:
    """Register a function as a fault; the first line of its docstring is the summary."""

    def register(apply: Apply) -> Apply:
        summary = (inspect.getdoc(apply) or "").partition("\n")[0]
        _REGISTRY[name] = Fault(name, summary, phase, apply)
        return apply

    return register


def bind_fault(name: str, /, **options: Any) -> BoundFault:
    """Return the fault of this name with options. Raises ValueError for an unknown name or an invalid option."""
    if not isinstance(name, str):
        raise TypeError(f"expected the name of a fault, got {name!r}")
    existing = FAULTS.get(name)
    if existing is None:
        raise ValueError(
            f"unknown fault {name!r}{_suggest(name, FAULTS)}; expected one of: {', '.join(sorted(FAULTS))}"
        )
    allowed = existing.options.model_fields
    for option in options:
        if option not in allowed:
            expected = f"expected one of: {', '.join(allowed)}" if allowed else "it has none"
            raise ValueError(f"fault {name!r}: unknown option {option!r}{_suggest(option, allowed)}; {expected}")
    try:
        valid = existing.options(**options)
    except ValidationError as error:
        raise ValueError(f"fault {name!r}: {'; '.join(_describe(error, options))}") from None
    return BoundFault(existing, {option: getattr(valid, option) for option in allowed if option in options})


def _describe(error: ValidationError, options: Mapping[str, Any]) -> Iterator[str]:
    for item in error.errors():
        option = str(item["loc"][0])
        if item["type"] == "missing":
            yield f"option {option!r} is required"
        else:
            yield f"option {option!r}: {item['msg']}, not {options[option]!r}"


def _suggest(name: str, allowed: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, allowed, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
