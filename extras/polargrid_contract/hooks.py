"""What schemathesis is told beyond the configuration: answers that it cannot read, requests it cannot judge, checks."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from polargrid_contract import recording
from polargrid_contract.beyond import reason_to_refuse
from polargrid_contract.declared import checks
from polargrid_contract.tame import form_parts, tamed

__all__ = ["checks"]  # imported for what they register

_UPLOADS = ("transcribe", "translate")
# Speech is heard in a second; the many recordings of the fuzzing phase are silent.
_RECORDINGS = {
    "examples": ("hello.ogg", recording.HELLO, "audio/ogg"),
    "fuzzing": ("silence.wav", recording.SILENCE, "audio/wav"),
}


@schemathesis.deserializer("audio/*")
def audio(_context: Any, response: Response) -> str:
    """Audio is bytes; patterns see each of them as a character."""
    return response.content.decode("latin-1")


@schemathesis.deserializer("text/plain", "text/vtt")
def text(_context: Any, response: Response) -> str:
    """Transcripts and subtitles are text."""
    return response.content.decode()


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """A request asks for little, and a right one in the fuzzing phase uploads a recording: random bytes are no audio.

    Examples ask for little as they are written, and upload speech. In the other phases the bytes stay as they are, and
    a server that refuses them is right (see `beyond`).
    """
    calm = case.body if _phase(case) == "examples" else tamed(_name(case), case.body)
    if calm is not case.body:  # to set it makes schemathesis judge the body again, and bytes are no string to it
        case.body = calm
    if not _is_positive(case):
        return
    if _name(case) in _UPLOADS and isinstance(case.body, dict) and _phase(case) in _RECORDINGS:
        kwargs["files"] = form_parts(case.body, _RECORDINGS[_phase(case)])


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
