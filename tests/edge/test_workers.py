"""Worker processes: what a client sends can end a worker, and never the edge."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from polargrid_edge.media.audio import AudioError, decode, encode
from polargrid_edge.workers.audio import AudioDecoder
from polargrid_edge.workers.child import OUT_OF_MEMORY
from polargrid_edge.workers.process import WorkerProcess
from polargrid_edge.workers.schema import SchemaValidator
from tests.edge import bombs
from tests.edge.scripted import CHAT_MODEL, HEADERS, TIMEOUT, run_scripted_edge, wait_until

TONE = np.sin(np.arange(24_000) / 10).astype(np.float32) / 2
# Two branches that both descend: the cost of the validation doubles with each level of the text.
EXPONENTIAL = {
    "$defs": {"x": {"allOf": [{"items": {"$ref": "#/$defs/x"}}, {"items": {"$ref": "#/$defs/x"}}]}},
    "$ref": "#/$defs/x",
}
DEEP = "[" * 60 + "]" * 60


@pytest.fixture(scope="module")
def decoder() -> Iterator[AudioDecoder]:
    decoder = AudioDecoder()
    yield decoder
    decoder.close()


@pytest.fixture(scope="module")
def validator() -> Iterator[SchemaValidator]:
    validator = SchemaValidator()
    yield validator
    validator.close()


def process_id(worker: AudioDecoder | SchemaValidator) -> int:
    process = worker._worker._process
    assert process is not None
    return process.pid


# Audio


@pytest.mark.parametrize("name", ["wav", "mp3", "opus", "flac", "aac"])
def test_a_worker_decodes_what_the_process_decodes(decoder: AudioDecoder, name: str) -> None:
    """The same samples, of bytes and of an open file, in one process."""
    data = b"".join(encode([TONE], 24_000, name))
    expected = decode(data)
    assert np.array_equal(decoder.decode(data, limit_seconds=10), expected)
    first = process_id(decoder)
    assert np.array_equal(decoder.decode(io.BytesIO(data), limit_seconds=10), expected)
    assert process_id(decoder) == first


@pytest.mark.parametrize(
    ("data", "message"), [(b"", "not audio"), (b"text", "not audio"), (bombs.wav(b""), "no audio")]
)
def test_a_rejected_file_does_not_end_the_worker(decoder: AudioDecoder, data: bytes, message: str) -> None:
    """The message is that of the decoder."""
    decoder.decode(bombs.wav(bytes(100)), limit_seconds=10)
    first = process_id(decoder)
    with pytest.raises(AudioError, match=message):
        decoder.decode(data, limit_seconds=10)
    assert process_id(decoder) == first


@pytest.mark.parametrize(
    "bomb",
    [
        bombs.mp4(60_000_000),
        bombs.mp4(0xFFFFFFFF),
        bombs.mp4(0xFFFFFFFF, sample_size=0),
        bombs.fragmented_mp4(60_000_000),
        bombs.fragmented_mp4(0xFFFFFFFF),
    ],
    ids=["60 million samples", "4 billion samples", "4 billion empty samples", "60 million in a fragment", "4 billion"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of memory")
def test_a_bomb_is_an_error(decoder: AudioDecoder, bomb: bytes) -> None:
    """The next file is decoded as before."""
    with pytest.raises(AudioError):
        decoder.decode(bomb, limit_seconds=3600)
    assert len(decoder.decode(bombs.wav(bytes(3200)), limit_seconds=10)) == 1600


def test_a_claim_costs_nothing(decoder: AudioDecoder) -> None:
    """A WAV that claims 4 GB has the samples that it has."""
    assert len(decoder.decode(bombs.wav(bytes(3200)), limit_seconds=10)) == 1600


def test_silence_that_compresses_well_is_bounded(decoder: AudioDecoder) -> None:
    """By the seconds of audio, before they are in memory."""
    silence = b"".join(encode([np.zeros(24_000 * 60, np.float32)] * 5, 24_000, "flac"))
    assert len(silence) < 100_000
    with pytest.raises(AudioError, match="longer than 30 seconds"):
        decoder.decode(silence, limit_seconds=30)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit of memory")
def test_the_bound_of_memory_is_in_the_message() -> None:
    """With the number; the worker starts again."""
    decoder = AudioDecoder(memory_bytes=64 * 1024**2)
    try:
        with pytest.raises(AudioError, match="needs more than 64 MiB of memory"):
            decoder.decode(bombs.fragmented_mp4(20_000_000), limit_seconds=10)
        assert len(decoder.decode(bombs.wav(bytes(3200)), limit_seconds=10)) == 1600
    finally:
        decoder.close()


def test_the_bound_of_time_is_in_the_message() -> None:
    """A file that yields no audio for that time ends its worker."""
    decoder = AudioDecoder(memory_bytes=4 * 1024**3, grace_seconds=0.1)
    try:
        with pytest.raises(AudioError, match="takes too long"):
            decoder.decode(bombs.mp4(40_000_000), limit_seconds=10)
    finally:
        decoder.close()


def test_a_cancelled_request_frees_its_worker() -> None:
    """Its process ends, and the next request gets another one."""
    decoder = AudioDecoder(memory_bytes=4 * 1024**3)
    try:
        decoder.decode(bombs.wav(bytes(3200)), limit_seconds=10)
        first = process_id(decoder)
        with pytest.raises(AudioError):
            decoder.decode(bombs.mp4(40_000_000), limit_seconds=10, is_stopped=lambda: True)
        assert len(decoder.decode(bombs.wav(bytes(3200)), limit_seconds=10)) == 1600
        assert process_id(decoder) != first
    finally:
        decoder.close()


def test_a_worker_that_was_killed_starts_again(decoder: AudioDecoder) -> None:
    """For example by the system, which is out of memory."""
    decoder.decode(bombs.wav(bytes(3200)), limit_seconds=10)
    process = decoder._worker._process
    assert process is not None
    process.kill()
    process.wait()
    assert len(decoder.decode(bombs.wav(bytes(3200)), limit_seconds=10)) == 1600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_worker_that_is_killed_midway_is_not_the_client_s_fault() -> None:
    """The error is the edge's, so that a retry is processed; the next request gets another worker."""
    decoder = AudioDecoder(memory_bytes=4 * 1024**3)

    def kill() -> bool:
        process = decoder._worker._process
        assert process is not None
        process.kill()
        return False

    try:
        with pytest.raises(RuntimeError, match="audio worker was killed"):
            decoder.decode(bombs.mp4(40_000_000), limit_seconds=10, is_stopped=kill)
        assert len(decoder.decode(bombs.wav(bytes(3200)), limit_seconds=10)) == 1600
    finally:
        decoder.close()


def test_uploads_share_one_worker(decoder: AudioDecoder) -> None:
    """One at a time, so that their memory does not add up."""
    lengths: list[int] = []
    threads = [
        threading.Thread(
            target=lambda size=size: lengths.append(len(decoder.decode(bombs.wav(bytes(size)), limit_seconds=10)))
        )
        for size in (200, 400, 600, 800)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert sorted(lengths) == [100, 200, 300, 400]


# Life of the process


def test_close_ends_an_active_request() -> None:
    """And no further worker starts."""
    validator = SchemaValidator(max_seconds=TIMEOUT)
    errors: list[Exception] = []

    def validate() -> None:
        try:
            validator.find_mismatch(EXPONENTIAL, DEEP)
        except (ValueError, RuntimeError) as error:
            errors.append(error)

    validator.check({})
    process = validator._worker._process
    assert process is not None
    thread = threading.Thread(target=validate)
    thread.start()
    wait_until(validator._worker._lock.locked)
    validator.close()
    thread.join(TIMEOUT)
    assert process.poll() is not None
    assert len(errors) == 1
    with pytest.raises(RuntimeError, match="closed"):
        validator.check({})


def test_a_stopped_edge_leaves_no_worker() -> None:
    """Its uploads and schemas have used one each."""
    with run_scripted_edge() as edge, httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as client:
        edge.text.deltas = [({"content": "5"}, "stop")]
        schema_format = {"type": "json_schema", "json_schema": {"name": "number", "schema": {"type": "integer"}}}
        messages = [{"role": "user", "content": "A number."}]
        chat = {"model": CHAT_MODEL, "messages": messages, "response_format": schema_format}
        assert client.post("/v1/chat/completions", json=chat).status_code == 200
        files = {"file": ("a.wav", bombs.wav(bytes(3200)))}
        response = client.post("/v1/audio/transcriptions", data={"model": "whisper-1"}, files=files)
        assert response.status_code == 200
        services = edge.services
        workers = (services._text._validator._worker, services._transcriber._decoder._worker)
        processes = [worker._process for worker in workers]
    assert all(process is not None and process.poll() is not None for process in processes)


def test_a_worker_that_cannot_start_is_not_the_client_s_fault() -> None:
    """Its output is on stderr."""
    worker = WorkerProcess("unknown", memory_bytes=1)
    with pytest.raises(RuntimeError, match="did not start"):
        worker.call({}, b"", lambda _: None, max_seconds=1)
    worker.close()


PARENT = """
import sys
from polargrid_edge.workers.child import OUT_OF_MEMORY
from polargrid_edge.workers.process import WorkerProcess
from tests.edge import bombs, test_workers

def report(seconds):
    print("busy", flush=True)

task = sys.argv[1]
worker = WorkerProcess(task, memory_bytes=4 * 1024**3)
if task == "audio":
    options, content = {"rate": 16_000, "limit_seconds": 10}, bombs.mp4(40_000_000)
else:
    import json
    options, content = {}, json.dumps({"schema": test_workers.EXPONENTIAL, "text": test_workers.DEEP}).encode()
worker.call(options, content, lambda _: None, max_seconds=3, is_late=report)
"""


WATCHED = """
import threading
from polargrid_edge.workers.child import watch_memory

threading.Thread(target=watch_memory, args=(200 * 1024**2,), daemon=True).start()
print("started", flush=True)
kept = []
while True:
    kept.append(b"x" * 1024**2)
    threading.Event().wait(0.001)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not report the peak of memory in this way")
def test_a_worker_watches_its_memory_where_the_system_does_not() -> None:
    """As on macOS: beyond the limit it ends, with a status of its own."""
    with subprocess.Popen([sys.executable, "-c", WATCHED], stdout=subprocess.PIPE) as process:
        assert process.wait(TIMEOUT) == OUT_OF_MEMORY


@pytest.mark.parametrize("task", ["audio", "schema"])
def test_a_worker_does_not_outlive_an_edge_that_is_killed(task: str) -> None:
    """In the middle of a request, even if a library holds the GIL. The worker shares stderr, which ends with it."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", PARENT, task]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == b"busy"
        parent.kill()
        parent.communicate(timeout=TIMEOUT)


# Schemas


@pytest.mark.parametrize(
    ("schema", "text", "mismatch"),
    [
        ({"type": "integer"}, "5", None),
        ({"pattern": r"^\d{5}(-\d{4})?$"}, '"1234567890"', "`pattern` at #/pattern"),
        ({"properties": {"a": {"maximum": 1.5}}}, '{"a": 1.75}', "`maximum` at #/properties/a/maximum"),
        ({"multipleOf": 0.1}, "0.35", "`multipleOf`"),
        ({"uniqueItems": True}, "[1, 1]", "`uniqueItems`"),
        ({"not": {"type": "null"}}, "null", "`not`"),
        ({"format": "date"}, '"2026-02-30"', "`format`"),
        ({"format": "a format that no standard has"}, '"x"', None),
        ({"dependentRequired": {"a": ["b"]}}, '{"a": 1}', "`dependentRequired`"),
        ({"oneOf": [{"type": "integer"}, {"minimum": 5}]}, "7", "`oneOf`"),
        ({"pattern": "^(?=a)(a+)+\\1$"}, '"' + "a" * 40 + 'b"', "`pattern`"),
        ({"$ref": "#"}, "1", None),
    ],
)
def test_a_text_is_compared_with_its_schema(
    validator: SchemaValidator, schema: object, text: str, mismatch: str | None
) -> None:
    """The mismatch names the keyword and where it is."""
    validator.check(schema)
    actual = validator.find_mismatch(schema, text)
    assert actual is None if mismatch is None else actual is not None and actual.startswith(mismatch)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "number of things"}, "at #/type"),
        ({"properties": {"a": {"minItems": -1}}}, "at #/properties/a/minItems"),
        ({"pattern": "("}, "at #/pattern"),
        ({"pattern": "^(a{1000}){1000}$"}, "at #/pattern"),
        ({"$ref": "https://example.com/x"}, r"https://example\.com/x"),
        ({"$ref": "#/$defs/missing"}, "missing"),
        ({"$schema": "https://example.com/dialect"}, "meta-schema"),
    ],
)
def test_an_invalid_schema_is_an_error(validator: SchemaValidator, schema: object, message: str) -> None:
    """Nothing is fetched."""
    with pytest.raises(ValueError, match=message):
        validator.check(schema)


def test_a_validation_is_bounded_in_time(validator: SchemaValidator) -> None:
    """The next one has a worker again."""
    impatient = SchemaValidator(max_seconds=0.3)
    try:
        with pytest.raises(ValueError, match=r"too complex to be checked \(time\)"):
            impatient.find_mismatch(EXPONENTIAL, DEEP)
    finally:
        impatient.close()
    assert validator.find_mismatch(EXPONENTIAL, "[[]]") is None
