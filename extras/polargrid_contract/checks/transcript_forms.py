"""Forms of one transcript: every format, the stream and the job say the same of one recording, word for word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.bodies import read_object
from polargrid_contract.checks.objects import poll_job
from polargrid_contract.checks.requests import UPLOAD_OPERATIONS, describe_status, send
from polargrid_contract.checks.shapes import build_unexpected, read_field, read_objects
from polargrid_contract.checks.strict_json import iter_json_errors
from polargrid_contract.checks.transcript_requests import (
    FORMATS,
    list_operations,
    read_transcript,
    request_transcript,
    transcribe,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.event_streams import find_stream_errors
from polargrid_contract.readers.event_stream import Stream, read_last_data
from polargrid_contract.readers.transcripts import (
    Transcript,
    find_difference,
    find_word_error,
    word_similarity,
)
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation
from polargrid_contract.schemas import find_error, read_event_schema

_MIN_SIMILARITY = 0.85  # of two transcripts by a model that does not always say the same
_UNSTABLE = "equal requests get different transcripts, so that their forms can only be similar"


@dataclass(frozen=True)
class Form:
    """A form of a transcript: its response, how to request it again, and how to read it, which raises ValueError."""

    name: str
    exchange: Exchange
    repeat: Callable[[], Exchange]
    read: Callable[[Exchange], Transcript]


@check(
    "transcript-same-text",
    on=UPLOAD_OPERATIONS,
    rationale="The format of a transcript does not change its words.",
    reference="openapi.yaml, TranscriptionFormat",
)
def check_same_text(client: ServerClient) -> Iterator[Violation]:
    """Every format has the same text, except for white space, where lines break, and the escapes of a format."""
    for operation in list_operations(client):
        yield from _compare_formats(client, operation, lambda form: Transcript(form.text))


@check(
    "transcript-same-times",
    on=UPLOAD_OPERATIONS,
    rationale="Subtitles appear when the words are spoken: their times are those of the segments.",
    reference="openapi.yaml, TranscriptionSegment; WebVTT, 4.1",
)
def check_same_times(client: ServerClient) -> Iterator[Violation]:
    """The cues of SRT and WebVTT have the times of the segments, rounded to milliseconds."""
    for operation in list_operations(client):
        yield from _compare_formats(client, operation, lambda form: Transcript("", form.segments))


@check(
    "transcript-word-times",
    on=("transcribe",),
    rationale="A player highlights each word while it is spoken.",
    reference="openapi.yaml, TimestampGranularity and TranscriptionWord",
    profiles=("polargrid",),
)
def check_word_times(client: ServerClient) -> Iterator[Violation]:
    """The words are those of the text, in order, each within its segment; to ask for them changes no word."""
    fields = {"response_format": "verbose_json", "timestamp_granularities[]": "word"}
    exchange = transcribe(client, "transcribe", **fields)
    form = Form(
        "words",
        exchange,
        lambda: request_transcript(client, "transcribe", **fields),
        lambda it: read_transcript("verbose_json", it),
    )
    transcript = _read_reference(form)
    words = [_read_word(exchange, index) for index in range(len(read_objects(exchange, "words")))]
    if error := find_word_error(words, transcript):
        yield client.violation(exchange, expected=f"the words of {transcript.text!r}, in order", actual=error)
    # With the times of words a model may find more exact times of the segments.
    yield from _compare(client, "transcribe", [form], _without_segments)


@check(
    "transcript-stream-equal",
    on=("transcribe", "stream_transcription"),
    rationale="A streamed transcript is the same transcript, earlier.",
    reference="openapi.yaml, stream_transcription and TranscriptionStreamDone",
    together=True,
)
def check_stream(client: ServerClient) -> Iterator[Violation]:
    """The parts add up to the text at the end, which equals the plain one, as do the language and the duration."""
    if not _has(client, "transcribe", "stream_transcription"):
        return
    exchange = cached(client.base, "streamed transcript", lambda: request_transcript(client, "stream_transcription"))
    if error := _find_stream_error(client, exchange):
        yield client.violation(exchange, expected="the documented events of a transcript", actual=error)
        return
    form = Form(
        "stream",
        exchange,
        lambda: request_transcript(client, "stream_transcription"),
        lambda it: _read_stream(client, it),
    )
    yield from _compare(client, "transcribe", [form], _without_segments)


@check(
    "transcription-job-equal",
    on=("transcribe", "create_transcription_job", "get_transcription_job", "list_transcription_jobs"),
    rationale="A job returns the transcript that the client would have waited for.",
    reference="openapi.yaml, TranscriptionJobResult and TranscriptionJobListResponse",
    together=True,
)
def check_job(client: ServerClient) -> Iterator[Violation]:
    """The result has the text, language and duration of the plain transcript, and the list has the job, completed."""
    if client.target.read_only or not _has(client, "transcribe", "create_transcription_job", "get_transcription_job"):
        return
    result = cached(client.base, "transcript of a job", lambda: _run_job(client))
    form = Form("job", result, lambda: _run_job(client), lambda it: _read_result(read_field(it, kind=dict)))
    if result.status != 200:
        yield client.violation(result, expected="the transcript of the job", actual=describe_status(result))
        return
    read_object(client, result)
    yield from _compare(client, "transcribe", [form], _without_segments)
    if _has(client, "list_transcription_jobs"):
        listed = send(client, "list_transcription_jobs")
        states = {it.get("job_id"): it.get("status") for it in read_objects(listed, "jobs")}
        identifier = result.parameters["path"]["job_id"]
        if states.get(identifier) != "completed":
            actual = f"{states.get(identifier, 'no such job')} among {len(states)} jobs"
            yield client.violation(listed, expected=f"the job {identifier}, completed", actual=actual)


def _read_word(exchange: Exchange, index: int) -> dict[str, Any]:
    """The fields of a word. Raises UnexpectedResponse for another shape."""
    kinds: dict[str, type] = {"word": str, "start": float, "end": float}
    return {name: read_field(exchange, "words", index, name, kind=kind) for name, kind in kinds.items()}


def _compare_formats(
    client: ServerClient, operation: str, select: Callable[[Transcript], Transcript]
) -> Iterator[Violation]:
    forms = [_build_form(client, operation, it) for it in FORMATS if it != "verbose_json"]
    yield from _compare(client, operation, forms, select)


def _compare(
    client: ServerClient, operation: str, forms: list[Form], select: Callable[[Transcript], Transcript]
) -> Iterator[Violation]:
    """Compare what is selected of each form with the verbose transcript of an operation.

    Two forms are two requests. Where they differ, both are repeated: if a repetition differs from its first response,
    the model does not always say the same, and similarity has to do. Raises CheckSkipped then.
    """
    reference = _build_form(client, operation, "verbose_json")
    expected, is_unstable = _read_reference(reference), False
    for form in forms:
        actual = _try_to_read(form, form.exchange)
        if actual is None:
            continue  # another check reports that it is not of its format
        difference = find_difference(select(expected), select(actual))
        if difference is None:
            continue
        if _is_repeatable(client, operation, reference, expected) and _is_repeatable(client, operation, form, actual):
            expected_part, actual_part = difference
            yield client.violation(form.exchange, expected=f"{expected_part}, as in verbose_json", actual=actual_part)
        elif word_similarity(expected.text, actual.text) < _MIN_SIMILARITY:
            yield client.violation(form.exchange, expected=f"a text like {expected.text!r}", actual=repr(actual.text))
        else:
            is_unstable = True
    if is_unstable:
        raise CheckSkipped(_UNSTABLE)


def _is_repeatable(client: ServerClient, operation: str, form: Form, first: Transcript) -> bool:
    """Whether a second request gets the same transcript."""
    name = ("repeated transcript", operation, form.name)
    return cached(client.base, name, lambda: _try_to_read(form, form.repeat())) == first


def _build_form(client: ServerClient, operation: str, response_format: str) -> Form:
    return Form(
        response_format,
        transcribe(client, operation, response_format=response_format),
        lambda: request_transcript(client, operation, response_format=response_format),
        lambda exchange: read_transcript(response_format, exchange),
    )


def _read_reference(form: Form) -> Transcript:
    """Read a form that others are compared with. Raises UnexpectedResponse if it is of another shape."""
    try:
        if form.exchange.status == 200:
            return form.read(form.exchange)
        error = ""
    except ValueError as invalid:
        error = str(invalid)
    raise build_unexpected(form.exchange, f"a transcript as {form.name}", error)


def _try_to_read(form: Form, exchange: Exchange) -> Transcript | None:
    """Read a form; None if it is an error or of another format."""
    try:
        return form.read(exchange) if exchange.status == 200 else None
    except ValueError:
        return None


def _without_segments(transcript: Transcript) -> Transcript:
    return replace(transcript, segments=None)


def _has(client: ServerClient, *names: str) -> bool:
    return set(names) <= {operation.name for operation in client.profile_operations}


# The stream


def _find_stream_error(client: ServerClient, exchange: Exchange) -> str:
    """Describe what the document does not allow in a stream with text; empty if nothing is wrong."""
    (_, content), *_ = client.operations[exchange.operation].event_streams
    stream, document = _open_stream(client, exchange), client.target.document
    if exchange.status != 200 or exchange.error:
        return describe_status(exchange)
    if error := next(iter_json_errors(client.operations[exchange.operation], exchange), ""):
        return error
    schema = read_event_schema(document, content.get("schema", True))
    errors = (find_error(document, schema, chunk) for chunk in stream.chunks)
    if error := next(filter(None, errors), ""):
        return f"an event of no documented shape: {error}"
    if stream.errors or stream.invalid_data:
        return f"{(stream.errors or stream.invalid_data)[0]!r}"
    if error := next(find_stream_errors(content["x-event-stream"], exchange.request, stream), ""):
        return error
    parts, text = _join_parts(stream), _read_stream(client, exchange).text
    # The joined parts are the text itself, not only its words.
    return "" if parts.strip() == text.strip() else f"parts that add up to {parts!r}, and the text {text!r}"


def _open_stream(client: ServerClient, exchange: Exchange) -> Stream:
    return Stream(exchange, read_last_data(client.operations[exchange.operation].event_streams[0].rules))


def _join_parts(stream: Stream) -> str:
    return "".join(chunk["delta"] for chunk in stream.chunks if "delta" in chunk)


def _read_stream(client: ServerClient, exchange: Exchange) -> Transcript:
    """Read the last event of a stream. Raises ValueError."""
    chunks = _open_stream(client, exchange).chunks
    if not chunks or "text" not in chunks[-1]:
        raise ValueError("no transcript at the end of the stream")
    return _read_result(chunks[-1])


# The job


def _run_job(client: ServerClient) -> Exchange:
    """Create a job for the recording, and return its result. Raises UnexpectedResponse."""
    started = request_transcript(client, "create_transcription_job")
    identifier = read_field(started, "job_id", kind=str)
    return poll_job(client, client.operations["create_transcription_job"].definition["x-job"], identifier)


def _read_result(body: Mapping[str, Any]) -> Transcript:
    """Read the text of a result, and what else it has. Raises ValueError."""
    text, language, duration = (body.get(name) for name in ("text", "language", "duration"))
    if not isinstance(text, str) or not isinstance(duration, int | float | None):
        raise ValueError(f"expected a text and a duration, got {text!r} and {duration!r}")  # noqa: TRY004 - a value
    return Transcript(text, None, language, None if duration is None else float(duration))
