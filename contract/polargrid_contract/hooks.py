"""What schemathesis is told beyond the configuration: answers that it cannot read, and requests it cannot judge."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from polargrid_contract import recording
from polargrid_contract.beyond import reason_to_refuse
from polargrid_contract.tame import form_parts, tamed

_UPLOADS = ("transcribe", "translate")


@schemathesis.deserializer("audio/*")
def audio(_context: Any, _response: Response) -> str:
    """Audio is bytes; for a schema of `format: binary` any text stands for them."""
    return "audio"


@schemathesis.deserializer("text/vtt")
def subtitles(_context: Any, response: Response) -> str:
    """WebVTT is text."""
    return response.content.decode()


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """A request asks for little, and a right one in the fuzzing phase uploads a recording: random bytes are no audio.

    In the other phases the bytes stay as they are, and a server that refuses them is right (see `beyond`).
    """
    calm = tamed(_name(case), case.body)
    if calm is not case.body:  # to set it makes schemathesis judge the body again, and bytes are no string to it
        case.body = calm
    if not _is_positive(case):
        return
    if _name(case) in _UPLOADS and isinstance(case.body, dict) and _phase(case) in ("examples", "fuzzing"):
        kwargs["files"] = form_parts(case.body, ("recording.wav", recording.SILENCE, "audio/wav"))


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """False drops the failure: a refusal of what the schema allows, where a rule beyond the schema forbids it."""
    refused = type(failure).__name__ == "RejectedPositiveData" and response.status_code == 400
    return not (refused and reason_to_refuse(_name(case), case.body))


def _name(case: Case[Any]) -> str:
    return str(case.operation.definition.raw.get("operationId"))


def _is_positive(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def _phase(case: Case[Any]) -> str:
    return case.meta.phase.name.value if case.meta is not None else ""
