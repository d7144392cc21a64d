"""Each rule for a plain response of a text is a rule for the streamed one, under its name with `-streamed` after it.

A rule that is added to one of the modules below applies to streams as well. PolarGrid promises more, that a stream
equals the plain response to the same request, which one check compares: there only rules for several responses remain.
"""

from __future__ import annotations

from collections.abc import Iterator

from polargrid_contract.checks import (
    forced_strings,
    log_probabilities,
    parameters,
    speech,
    structured_output,
    text,
    tool_calls,
    usage,
)
from polargrid_contract.checks.requests import TEXT_OPERATIONS
from polargrid_contract.checks.streamed_client import stream_texts
from polargrid_contract.client import ServerClient
from polargrid_contract.registry import Check, check, list_checks
from polargrid_contract.results import Profile, Violation

_TEXT_MODULES = (forced_strings, log_probabilities, parameters, structured_output, text, tool_calls, usage)
_MODULES = {module.__name__ for module in _TEXT_MODULES}
# Rules that the checks of streams state of each chunk, or of the text.
_OF_CHUNKS = ("created-is-current", "finish-reason-known", "object-field", "prompt-affects-response")
_OF_SPEECH = ("speech-speed",)  # other checks compare streamed speech with plain speech
_OF_SEVERAL = ("response-ids-unique", "tool-call-ids-unique")


def find_profiles(plain: Check) -> tuple[Profile, ...]:
    """Return the profiles in which the rule of a check applies to streams, and no other check of streams states it."""
    if plain.run.__module__ == speech.__name__:
        return ("polargrid",) if plain.name in _OF_SPEECH else ()
    is_of_text = isinstance(plain.on, tuple) and set(plain.on) <= set(TEXT_OPERATIONS)
    is_of_stream = plain.name.startswith("stream-") or plain.name in _OF_CHUNKS
    if not is_of_text or plain.run.__module__ not in _MODULES or is_of_stream:
        return ()
    return tuple(it for it in plain.profiles if it == "openai" or plain.name in _OF_SEVERAL)


def _register_twin(plain: Check, profiles: tuple[Profile, ...]) -> None:
    def run_streamed(client: ServerClient) -> Iterator[Violation]:
        """Apply the rule to streamed responses."""
        yield from plain.run(stream_texts(client))

    register = check(
        f"{plain.name}-streamed",
        on=plain.on,
        rationale=f"Of a stream: {plain.rationale}",
        reference=plain.reference,
        profiles=profiles,
        mutates=plain.mutates,
        together=plain.together,
        exclusive=plain.exclusive,
    )
    register(run_streamed)


for _plain in list_checks():
    if _profiles := find_profiles(_plain):
        _register_twin(_plain, _profiles)
