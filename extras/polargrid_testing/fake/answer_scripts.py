"""The methods of a fake that say what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from polargrid_testing.fake import scripting
from polargrid_testing.fake.handler import FakeHandler
from polargrid_testing.fake.rules import EXAMPLE, Rule, When
from polargrid_testing.fake.text import Delay
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer

Value = TypeVar("Value")
Script: TypeAlias = Value | Sequence[Value | Callable[[ReceivedRequest], Value]] | Callable[[ReceivedRequest], Value]
"""A value, values to give one after the other, or a function of the request."""
TextAnswer: TypeAlias = str | Mapping[str, Any] | Answer
Vectors: TypeAlias = Sequence[float] | Sequence[Sequence[float]] | Mapping[str, Any] | Answer
JsonAnswer: TypeAlias = Mapping[str, Any] | Sequence[Any] | bytes | float | Answer | None


class DumpsJson(Protocol):
    """A Pydantic model."""

    def model_dump_json(self) -> str:
        """Return the object as JSON."""
        raise NotImplementedError


class AnswerScripts:
    """Adds rules to a handler, each checked by openapi.yaml before it is added."""

    def __init__(self, handler: FakeHandler) -> None:
        self._handler = handler

    def chat(
        self,
        answer: Script[TextAnswer | DumpsJson] | None = None,
        *,
        chunks: Sequence[str] | None = None,
        delay: Delay = 0.0,
        tool_calls: Sequence[Mapping[str, Any]] = (),
        parsed: Any = None,
        finish_reason: str | None = None,
        usage: Mapping[str, int] | None = None,
        model: str | None = None,
        when: When = None,
        times: int | None = None,
        validate: bool = True,
    ) -> Rule:
        """Answer chats, streamed or not: with a text, a message with `content` or `tool_calls`, or a whole response.

        Args:
            answer: The text; default: that of `chunks`.
            chunks: The parts of the text in a stream; default: words.
            delay: Seconds between the chunks of a stream, or a list of the seconds before each.
            tool_calls: Calls as `{"name": "f", "arguments": {...}}`, or as in a message of a response.
            parsed: A Pydantic model or JSON value that is the text.
            finish_reason: Default: `tool_calls` with tool calls, else `stop`.
            usage: Default: counted from the request and the answer.
            model: Default: the model of the request.
            when: See the class.
            times: See the class.
            validate: See the class.
        """
        script = scripting.script_chat(
            chunks=chunks,
            delay=delay,
            tool_calls=tool_calls,
            finish_reason=finish_reason,
            usage=usage,
            model=model,
        )
        value = scripting.choose_text(answer, chunks=chunks, parsed=parsed, has_more=bool(tool_calls))
        return self._add("chat", value, script, when=when, times=times, validate=validate)

    def completion(
        self,
        answer: Script[TextAnswer] | None = None,
        *,
        chunks: Sequence[str] | None = None,
        delay: Delay = 0.0,
        finish_reason: str = "stop",
        usage: Mapping[str, int] | None = None,
        model: str | None = None,
        when: When = None,
        times: int | None = None,
        validate: bool = True,
    ) -> Rule:
        """Answer text completions, streamed or not, with a text after each prompt, or with a whole response."""
        script = scripting.script_completion(chunks, delay, finish_reason, usage, model)
        value = scripting.choose_text(answer, chunks=chunks)
        return self._add("completion", value, script, when=when, times=times, validate=validate)

    def speech(
        self,
        audio: Script[bytes | float | Answer] | None = None,
        *,
        seconds: float = 1.0,
        chunks: Sequence[bytes] | None = None,
        delay: Delay = 0.0,
        when: When = None,
        times: int | None = None,
        validate: bool = True,
    ) -> Rule:
        """Answer speech with a tone in the format of the request (about 400 Hz, mono, 24 kHz), or with `audio`."""
        script = scripting.script_speech(seconds, chunks, delay)
        value = b"".join(chunks) if audio is None and chunks is not None else audio
        return self._add("speech", scripting.list_values(value), script, when=when, times=times, validate=validate)

    def transcription(
        self,
        answer: Script[TextAnswer] | None = None,
        *,
        language: str = "en",
        duration: float | None = None,
        segments: Sequence[str] | None = None,
        chunks: Sequence[str] | None = None,
        delay: Delay = 0.0,
        polls: int = 1,
        when: When = None,
        times: int | None = None,
        validate: bool = True,
    ) -> Rule:
        """Answer transcriptions with a text: in the format of the request, as a stream, and as a job.

        Args:
            answer: The text, or a mapping with `text` and more; default: that of `segments` or `chunks`.
            language: The language of the recording.
            duration: Its seconds; default: 0.4 a word.
            segments: The texts of the segments in `verbose_json`, `srt` and `vtt`; default: one.
            chunks: The parts of the text in a stream; default: segments, or words.
            delay: Seconds between the chunks of a stream, or a list of the seconds before each.
            polls: How often the state of a job is read before it is complete.
            when: See the class.
            times: See the class.
            validate: See the class.
        """
        script = scripting.script_transcript(
            language=language, duration=duration, segments=segments, chunks=chunks, delay=delay, polls=polls
        )
        value = scripting.choose_text(answer, chunks=chunks if chunks is not None else segments)
        rules = scripting.build_job_rules(value, script, self._handler.jobs, when=when, times=times, validate=validate)
        return self._register(*rules)

    def translation(
        self,
        answer: Script[TextAnswer] | None = None,
        *,
        language: str = "en",
        duration: float | None = None,
        segments: Sequence[str] | None = None,
        when: When = None,
        times: int | None = None,
        validate: bool = True,
    ) -> Rule:
        """Answer translations with a text, in the format of the request."""
        script = scripting.script_transcript(language=language, duration=duration, segments=segments)
        value = scripting.choose_text(answer, chunks=segments)
        return self._add("translation", value, script, when=when, times=times, validate=validate)

    def embedding(
        self,
        vector: Vectors | Callable[[ReceivedRequest], Vectors] | None = None,
        *,
        usage: Mapping[str, int] | None = None,
        model: str | None = None,
        when: When = None,
        times: int | None = None,
        validate: bool = True,
    ) -> Rule:
        """Answer embeddings: with a vector for every input, a list of one for each input, or derived from the texts.

        Without a vector, equal texts have equal vectors of length 1 and of `dimensions` numbers (default: 8).
        """
        options = {"usage": usage, "model": model}
        values = [vector] if isinstance(vector, list) else scripting.list_values(vector)
        return self._add("embedding", values, options, when=when, times=times, validate=validate)

    def on(self, operation: str, *, when: When = None, times: int | None = None, validate: bool = True) -> Responder:
        """Choose an operation by its operationId, to say with `respond` how it is answered."""
        scripting.check_operation(operation)
        return Responder(self, operation, when, times, validate=validate)

    def use_examples(self) -> None:
        """Answer every request that no rule answers with the example of openapi.yaml, made to fit the request."""
        self._handler.uses_examples = True

    def _add(self, method: str, values: Sequence[Any], options: Any, **conditions: Any) -> Rule:
        return self._register(scripting.build_rule(method, values, options, **conditions))

    def _register(self, rule: Rule, *others: Rule) -> Rule:
        """Add rules, and return the first."""
        for item in (rule, *others):
            scripting.check_rule(item)
        with self._handler.lock:
            self._handler.rules += (*others, rule)
        return rule


class Responder:
    """An operation that is about to be scripted."""

    def __init__(self, fake: AnswerScripts, operation: str, when: When, times: int | None, *, validate: bool) -> None:
        self._fake, self._operation = fake, operation
        self._conditions: dict[str, Any] = {"when": when, "times": times, "validate": validate}

    def respond(
        self,
        *answers: JsonAnswer | Callable[[ReceivedRequest], JsonAnswer],
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Rule:
        """Answer with JSON, an `Answer`, or a function that returns one; without one, with the example of openapi.yaml.

        Several answers are given one after the other, the last again and again. `status` and `headers` are those of
        answers that are no `Answer`.
        """
        rule = scripting.build_response_rule(
            self._operation, answers or (EXAMPLE,), status, headers, **self._conditions
        )
        return self._fake._register(rule)  # noqa: SLF001 - a part of the fake
