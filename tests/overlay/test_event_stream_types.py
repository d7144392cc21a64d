"""Streams whose end and types the document declares: events of several types, named events, JSON lines, texts."""

from __future__ import annotations

import json

import pytest

from polargrid import ServerError, StreamInterruptedError
from polargrid.types import TranscriptionStreamDelta, TranscriptionStreamDone
from polargrid_codec.event_stream import EventStreamDecoder
from polargrid_generated import operations
from polargrid_runtime.operation import EventStream, Operation
from polargrid_runtime.response import ResponseMeta
from polargrid_runtime.unions import UnknownObject

META = ResponseMeta(request_id="req_1", status_code=200)
DELTA = {"type": "transcript.text.delta", "delta": "Hello"}
DONE = {"type": "transcript.text.done", "text": "Hello", "duration": 1.0, "language": "en"}


def event(data, name=None):
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def transcript():
    return EventStreamDecoder(operations.STREAM_TRANSCRIPTION, META, 4096)


def decoder(events):
    operation = Operation("things", "GET", "/v1/things", "polargrid_generated.models", events=events)
    return EventStreamDecoder(operation, META, 4096)


def test_events_have_their_types_and_the_last_ends_the_stream():
    """The event that the document calls the last is yielded; what follows it is not read."""
    stream = transcript()
    chunks = list(stream.feed(event(DELTA) + event(DONE) + event(DELTA)))
    assert [type(chunk) for chunk in chunks] == [TranscriptionStreamDelta, TranscriptionStreamDone]
    assert ([chunk.meta for chunk in chunks], stream.done, stream.started) == ([META, META], True, True)
    assert (list(stream.feed(event(DELTA))), list(stream.finish())) == ([], [])


def test_last_event_by_itself():
    """The last event is recognized if it arrives alone, as most events do."""
    stream = transcript()
    assert [chunk.delta for chunk in stream.feed(event(DELTA))] == ["Hello"]
    assert [chunk.text for chunk in stream.feed(event(DONE))] == ["Hello"]
    assert stream.done


def test_unknown_type_is_an_object():
    """An event of a newer server does not end the stream."""
    stream = transcript()
    (chunk,) = stream.feed(event({"type": "transcript.text.segment", "speaker": "A"}))
    assert (type(chunk), chunk.speaker, stream.done) == (UnknownObject, "A", False)


def test_end_without_the_last_event():
    """A stream that ends before its last event is incomplete; the error has the text so far."""
    stream = transcript()
    list(stream.feed(event(DELTA)))
    with pytest.raises(StreamInterruptedError) as caught:
        stream.finish()
    assert "stream_transcription: stream ended without an event of type transcript.text.done" in str(caught.value)
    assert (caught.value.request_id, stream.to_error(caught.value).partial) == ("req_1", "Hello")


@pytest.mark.parametrize("data", [{"type": "transcript.text.delta"}, {"type": "transcript.text.done", "text": 7}])
@pytest.mark.parametrize("name", [None, "transcript.text.delta"])
def test_known_type_that_does_not_match(data, name):
    """An event of a known type without its fields is an error, whatever its name."""
    with pytest.raises(ServerError, match="stream_transcription: event does not match TranscriptionStreamEvent"):
        list(transcript().feed(event(data, name)))


@pytest.mark.parametrize(("data", "name"), [("", "ping"), ("{}", "ping"), ("pong", "ping")])
def test_other_named_events_are_ignored(data, name):
    """What keeps the connection alive is no chunk."""
    assert list(transcript().feed(event(data, name))) == []


def test_names_select_types():
    """An event's name selects the type of its data, if the document says so; an unknown name is an unknown object."""
    names = (("delta", "TranscriptionStreamDelta"), ("done", "TranscriptionStreamDone"))
    types = "TranscriptionStreamDelta | TranscriptionStreamDone"
    stream = decoder(EventStream(types, last_types=("done",), names=names))
    chunks = list(stream.feed(event(DELTA, "delta") + event({"a": 1}, "other") + event(DONE, "done")))
    assert [type(chunk) for chunk in chunks] == [TranscriptionStreamDelta, UnknownObject, TranscriptionStreamDone]
    assert stream.done
    stream = decoder(EventStream(types, names=names))
    with pytest.raises(ServerError, match="things: event does not match"):
        list(stream.feed(event({"type": "transcript.text.delta"}, "delta")))


def test_last_data():
    """Data that ends the stream is no chunk, with spaces around it as well."""
    stream = decoder(EventStream("TranscriptionStreamDelta", last_data="[END]"))
    assert [chunk.delta for chunk in stream.feed(event(DELTA) + event("[END]") + event(DELTA))] == ["Hello"]
    stream = decoder(EventStream("TranscriptionStreamDelta", last_data="[END]"))
    assert (list(stream.feed(event(" [END] "))), stream.done) == ([], True)
    stream = decoder(EventStream("TranscriptionStreamDelta", last_data="[END]"))
    with pytest.raises(StreamInterruptedError, match=r"things: stream ended without \[END\]"):
        stream.finish()


def test_end_of_the_body():
    """Without a last event, the body ends the stream, but not inside an event."""
    stream = decoder(EventStream("TranscriptionStreamDelta"))
    assert [chunk.delta for chunk in stream.feed(event(DELTA))] == ["Hello"]
    assert list(stream.finish()) == []
    list(stream.feed(event(DELTA)[:-1]))
    with pytest.raises(StreamInterruptedError, match="things: stream ended inside an event"):
        stream.finish()


def test_json_lines():
    """Each line is a chunk; the last needs no end, and is incomplete if it is no JSON."""
    stream = decoder(EventStream("TranscriptionStreamDelta", "application/x-ndjson"))
    line = json.dumps(DELTA).encode()
    assert [chunk.delta for chunk in stream.feed(line + b"\n\n" + line)] == ["Hello"]
    assert [chunk.delta for chunk in stream.finish()] == ["Hello"]
    stream = decoder(EventStream("TranscriptionStreamDelta", "application/x-ndjson"))
    list(stream.feed(line[:-3]))
    with pytest.raises(StreamInterruptedError, match="things: stream ended inside a line"):
        list(stream.finish())


def test_texts():
    """The data of a stream of texts is the chunk; an empty one is none."""
    stream = decoder(EventStream("str"))
    assert list(stream.feed(event("Hello") + event("") + event(" you"))) == ["Hello", " you"]
    assert stream.to_error(StreamInterruptedError("x")).partial == "Hello you"
