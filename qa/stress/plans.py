"""The calls of a lane: which fault, which operation, how patient the caller is. Seeded and pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, Final, Literal

from qa.stress.faults import FAULTS, Fault
from qa.stress.payloads import HEADER, STREAMS, UPLOADS, Instruction, digest_of

Action = Literal["finish", "leave", "cancel", "close"]
_MAX_FILE: Final = 1_000_000  # bytes
_SIZES: Final = ((1, 5), (5, 50), (300, 3_000))  # words of a response; an event has 130 bytes
_DELAYS: Final = (0.003, 0.03)  # seconds: while a connection is made, and in the whole call
_LONG_AUDIO: Final = 40_000  # words, about 500 kB


@dataclass(frozen=True)
class Plan:
    """One call."""

    instruction: Instruction
    address: str
    action: Action  # "leave": close a stream early; "close": another thread or task closes it
    chunks: int  # of a stream, before "leave"
    seconds: float  # before "cancel" and "close"
    max_retries: int
    timeout: float
    deadline: float
    file_size: int

    def __str__(self) -> str:
        nonce, fault, operation, size, _ = self.instruction
        limits = f"max_retries={self.max_retries}, timeout={self.timeout:.2f}, deadline={self.deadline:.2f}"
        action = {"leave": f" after {self.chunks} chunks", "finish": ""}.get(self.action, f" in {self.seconds:.3f} s")
        return f"{nonce}: {operation} of {size} words, {fault}, {limits}, {self.action}{action}"

    @property
    def operation(self) -> str:
        return self.instruction.operation

    @cached_property
    def content(self) -> bytes:
        """The prompt, or the bytes of the upload."""
        return _content_of(self.instruction.nonce, self.file_size)

    @property
    def request(self) -> dict[str, Any]:
        """The fields of the request."""
        if self.operation in UPLOADS:
            return {"model": "whisper-1"}
        if self.operation in ("speech", "audio"):
            return {"model": "tts-1", "voice": "alloy", "input": self.content.decode()}
        return {"model": "m", "messages": [{"role": "user", "content": self.content.decode()}]}

    @property
    def options(self) -> dict[str, Any]:
        """The options of the call."""
        return {
            "extra_headers": {HEADER: self.instruction.encode()},
            "max_retries": self.max_retries,
            "timeout": self.timeout,
            "deadline": self.deadline,
        }


def _content_of(nonce: str, size: int) -> bytes:
    return (f"{nonce}/".encode() * (size // len(nonce) + 1))[:size]


def make_plans(seed: str, calls: int, *, can_cancel: bool) -> Iterator[Plan]:
    """The calls of a lane: every fault once, then by weight. `seed` is a part of each nonce."""
    random = Random(seed)  # noqa: S311 - no secret
    faults = list(FAULTS.values())
    chosen = [*faults, *random.choices(faults, [fault.weight for fault in faults], k=max(0, calls - len(faults)))]
    random.shuffle(chosen := chosen[:calls] if calls < len(faults) else chosen)
    for number, fault in enumerate(chosen):
        yield _make_plan(random, f"n{seed}x{number}", fault, can_cancel=can_cancel)


def _make_plan(random: Random, nonce: str, fault: Fault, *, can_cancel: bool) -> Plan:
    operation = random.choice(fault.operations)
    (sizes,) = random.choices(_SIZES, (6, 3, 1))
    size = random.randint(*sizes)
    if operation in ("speech", "audio") and random.random() < 0.05:
        size = random.randint(size, _LONG_AUDIO)
    file_size = random.randint(1, 200)
    if operation in UPLOADS and random.random() < 0.3:
        file_size = random.randint(200, _MAX_FILE)
    digest = digest_of(_content_of(nonce, file_size))
    return Plan(
        instruction=Instruction(nonce, fault.name, operation, size, digest),
        address=fault.address,
        action=_choose_action(random, operation, can_cancel=can_cancel),
        chunks=random.randint(1, 4),
        seconds=random.uniform(0, random.choice(_DELAYS)),
        max_retries=random.randint(0, 2),
        timeout=random.uniform(0.3, 0.8),
        deadline=random.uniform(1.0, 3.0),
        file_size=file_size,
    )


def _choose_action(random: Random, operation: str, *, can_cancel: bool) -> Action:
    actions: dict[Action, float] = {"finish": 85}
    if operation in STREAMS:
        actions |= {"leave": 10, "close": 5}
    if can_cancel:
        actions["cancel"] = 12
    (action,) = random.choices(list(actions), list(actions.values()))
    return action
