"""The files of cassettes: modes, exact bytes as YAML that can be read, no noise when they are recorded again."""

from __future__ import annotations

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings, strategies

import polargrid
from polargrid_testing.cassettes import modes
from polargrid_testing.cassettes.body_notation import build_body, describe_body
from polargrid_testing.cassettes.cassette import cassette
from polargrid_testing.cassettes.errors import CassetteMismatchError
from polargrid_testing.cassettes.files import load_cassette, locate_cassette, save_cassette
from polargrid_testing.cassettes.noise import find_renames
from polargrid_testing.cassettes.recording import Interaction, RecordedPiece, RecordedRequest, RecordedResponse
from polargrid_testing.cassettes.yaml_format import parse_cassette, render_cassette
from polargrid_testing.samples import load_samples
from polargrid_testing.steps import Answer
from tests.testing.cassette_origin import KEY, run_program, serve_origin


@pytest.fixture
def origin():
    """A scripted server."""
    with serve_origin() as server:
        yield server


# Modes


@pytest.mark.parametrize(
    ("argument", "environ", "mode"),
    [
        (None, {}, "once"),
        (None, {"CI": "true"}, "none"),
        (None, {"CI": "false"}, "once"),
        ("new", {"CI": "true"}, "new"),
        ("once", {"POLARGRID_RECORD": "all"}, "all"),
    ],
)
def test_the_mode_is_that_of_the_variable_then_the_argument_then_the_default(argument, environ, mode):
    assert modes.resolve_mode(argument, environ) == mode


def test_an_unknown_mode_is_named():
    with pytest.raises(ValueError, match="record: unknown mode 'ever'; expected one of: once, new, all, none"):
        modes.resolve_mode("ever", {})


@pytest.mark.parametrize(
    ("mode", "requests", "names"),
    [("once", 0, ["Ada"]), ("new", 3, ["Ada", "Bob"]), ("all", 3, ["Bob"]), ("none", 0, ["Ada"])],
)
def test_each_mode_records_what_it_says(origin, tmp_path, mode, requests, names):
    """The program asks something else than what is recorded."""
    path = tmp_path / "a.yaml"
    with cassette(path):
        run_program(origin.url)
    before = len(origin.requests)
    try:
        with cassette(path, record=mode):
            run_program(origin.url, name="Bob")
    except CassetteMismatchError:
        assert requests == 0
    # `new` replays the speech and the upload, which are the same.
    assert len(origin.requests) - before == (1 if mode == "new" else requests)
    bodies = [item.request.body for item in load_cassette(path)]
    assert [body["json"]["messages"][0]["content"] for body in bodies if "messages" in body.get("json", {})] == names


def test_without_a_file_none_refuses_every_request_and_writes_nothing(origin, tmp_path):
    with (
        pytest.raises(CassetteMismatchError, match=r"there is no cassette .*a\.yaml"),
        cassette(tmp_path / "a.yaml", "none"),
    ):
        run_program(origin.url)
    assert origin.requests == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_that_raises_leaves_the_file_as_it_was(origin, tmp_path, error):
    path = tmp_path / "a.yaml"

    def interrupt(name):
        run_program(origin.url, name=name)
        raise error

    for mode in ("once", "all"):
        with pytest.raises(error), cassette(path, record=mode):
            interrupt(mode)
        assert not list(tmp_path.iterdir())
    with cassette(path):
        run_program(origin.url)
    text = path.read_text()
    with pytest.raises(error), cassette(path, record="all"):
        interrupt("Bob")
    assert path.read_text() == text


def test_recording_a_region_without_a_key_is_refused(tmp_path, monkeypatch):
    """Another process has the address of the cassette, and so the key of a local edge."""
    with (
        cassette(tmp_path / "a.yaml") as tape,
        polargrid.PolarGridSync(base_url=tape.url) as client,
        pytest.raises(polargrid.errors.AuthenticationError, match="needs an API key: set POLARGRID_API_KEY"),
    ):
        client.models.list()
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_not_reached_is_recorded_as_that(tmp_path, caplog):
    with serve_origin() as closed:
        url = closed.url
    for _ in range(2):
        with (
            cassette(tmp_path / "a.yaml") as tape,
            polargrid.PolarGridSync(base_url=url, max_retries=0) as client,
            pytest.raises(polargrid.errors.NetworkError),
        ):
            client.models.list()
    assert tape.interactions[0].response.end == "unreachable"
    assert "no complete response" in caplog.text


# Bytes


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (b'{"a":[1,2.5,null,true,"\xc3\xa9"]}', {"json"}),
        (b'{"a": "\\u00e9"}', {"json", "style"}),
        (b'{\n  "a": 1\n}', {"json", "style"}),
        (b'{"a":1,"a":2}', {"text"}),
        (b'{"a":1.50}', {"text"}),
        (b'{"a":' * 99 + b"1" + b"}" * 99, {"text"}),
        (b"plain", {"text"}),
        (b"a\0b", {"base64"}),
        (b"\xff\xfb\x90", {"base64"}),
    ],
)
def test_a_body_is_json_where_its_bytes_can_be_built_from_it_else_text_else_base64(body, keys):
    description = describe_body(body)
    assert description.keys() == keys
    assert build_body(description) == body


_json = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | strategies.text(),
    lambda item: strategies.lists(item) | strategies.dictionaries(strategies.text(), item),
)


@given(body=strategies.binary() | strategies.text().map(str.encode) | _json.map(lambda item: json.dumps(item).encode()))
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@example(body="a\x85b\u2028c\r\n\td\ufeff\n  \n".encode())
@example(body=b'{"a": "\\ud800", "b": 1e-05, "c": "2026-11-30", "d": "yes", "<<": "=", "e": "0o7"}')
def test_any_body_has_the_same_bytes_after_it_was_written_and_read(body):
    request = RecordedRequest("POST", "local", "/x", (("a", "b"),), {"x": "y"}, {"json": {"n": 1.0}})
    whole, pieces = RecordedResponse(200, {"content-type": "x"}, body, 5), (RecordedPiece(body, 7), RecordedPiece(b"x"))
    items = [Interaction(request, whole), Interaction(request, RecordedResponse(500, {}, pieces, end="cut"))]
    read = parse_cassette(render_cassette(items), "x")
    assert [item.response.content for item in read] == [body, body + b"x"]
    assert [item.request.key for item in read] == [request.key] * 2
    assert read[1].response.body == pieces


def test_a_file_is_written_in_one_step_by_many_at_the_same_time(tmp_path):
    path = tmp_path / "folder" / "a.yaml"
    texts = set()

    def write(number):
        response = RecordedResponse(200, {}, bytes([number]) * 50_000)
        items = [Interaction(RecordedRequest("GET", "local", f"/{number}"), response)]
        save_cassette(path, items)
        texts.add(render_cassette(items))
        assert load_cassette(path) is not None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(1, 9)))
    assert path.read_text() in texts
    assert list(path.parent.iterdir()) == [path]


def test_the_file_of_a_test_is_beside_it_and_names_it(tmp_path):
    module = tmp_path / "test_chat.py"
    assert locate_cassette(module, "test_hello[fast]") == tmp_path / "cassettes/test_chat/test_hello[fast].yaml"
    names = {locate_cassette(module, f"test[{name}]").name for name in ("a/b", "a:b", "x" * 500, "x" * 501)}
    assert len(names) == 4
    assert all(len(name) < 140 and "/" not in name for name in names)
    assert len(locate_cassette(module, f"test[{'日' * 200}]").name.encode()) < 140


def test_the_file_of_a_test_names_no_key_that_is_a_parameter(tmp_path, monkeypatch):
    monkeypatch.setenv("POLARGRID_API_KEY", "key-of-the-environment")
    names = [f"test_pg_stream_v2[{key}-x]" for key in ("pg_live_0123456789abc", "key-of-the-environment", "other")]
    files = [locate_cassette(tmp_path / "test_a.py", name).name for name in names]
    assert files[0].startswith("test_pg_stream_v2[REDACTED")
    assert files[1].startswith("test_pg_stream_v2[REDACTED-x]-")
    assert files[2] == "test_pg_stream_v2[other-x].yaml"
    assert len({*files}) == 3


# Recorded again


def test_recording_again_gives_no_diff_if_only_ids_dates_and_times_differ(origin, tmp_path):
    path = tmp_path / "a.yaml"
    texts = []
    for _ in range(2):
        with cassette(path, record="all"):
            seen = run_program(origin.url)
        texts.append(path.read_text())
    assert texts[0] == texts[1]
    assert seen[0][0]["id"] == "chatcmpl-000000000002"  # the server did give another id


def test_what_changed_is_recorded_and_the_rest_keeps_its_text(origin, tmp_path):
    path = tmp_path / "a.yaml"
    with cassette(path):
        run_program(origin.url)
    before = path.read_text()
    origin.on("/v1/audio/transcriptions", lambda _: Answer.json({"text": "Hello, moon."}))
    with cassette(path, record="all"):
        run_program(origin.url)
    expected, text = (
        re.sub(r"\bms: \d+", "ms: 0", value) for value in (before.replace("world", "moon"), path.read_text())
    )
    assert text == expected  # but for the time that the changed response took


def test_an_id_that_a_program_sends_back_keeps_its_name(origin, tmp_path):
    """The job of the second recording has another id; the file has the first one in all places."""
    path, ids = tmp_path / "a.yaml", iter(["job-1111aaaa2222", "job-3333bbbb4444"])
    created = []

    examples = {sample.name: sample.response for sample in load_samples()}

    def create(request):
        name = "get_transcription_job" if request.method == "GET" else "create_transcription_job"
        if request.method == "POST":
            created.append(next(ids))
        return Answer.json({**examples[name], "job_id": created[-1]})

    origin.on("/v1/audio/transcriptions", create)
    texts = []
    for _ in range(2):
        with cassette(path, record="all"), polargrid.PolarGridSync(base_url=origin.url, api_key=KEY) as client:
            job = client.create_transcription_job(b"RIFF a file of sound", {"model": "m"})
            client.get_transcription_job(job.job_id)
        texts.append(path.read_text())
    assert texts[0] == texts[1]
    assert len(created) == 2
    assert texts[0].count("job-1111aaaa2222") == 3  # of the response, the request with it, and its response


@pytest.mark.parametrize("mode", ["once", "new", "all"])
def test_what_several_record_in_one_file_at_the_same_time_is_kept(origin, tmp_path, mode):
    path, names, are_open = tmp_path / "a.yaml", ["Ada", "Bob", "Eve"], threading.Barrier(3)

    def record(name):
        with cassette(path, record=mode):
            are_open.wait()
            run_program(origin.url, name=name)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(record, names))
    for name in names:
        with cassette(path, record="none"):
            run_program(origin.url, name=name)


def test_requests_at_the_same_time_keep_their_order_in_the_file(origin, tmp_path):
    path = tmp_path / "a.yaml"
    for names in (["Ada", "Bob"], ["Bob", "Ada"]):
        with cassette(path, record="all"):
            for name in names:
                run_program(origin.url, name=name)
    bodies = [item.request.body for item in load_cassette(path)]
    assert [body["json"]["messages"][0]["content"] for body in bodies if "messages" in body.get("json", {})] == [
        "Ada",
        "Bob",
    ]


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ({"id": "chatcmpl-8f3a91c2b7d0"}, {"id": "chatcmpl-0d7b2c19a3f8"}, True),
        ({"at": "2026-11-30T12:00:00Z", "n": 1}, {"at": "2026-12-01T08:30:15.25Z", "n": 1}, True),
        ({"created": 1790000000}, {"created": 1790000123.5}, True),
        ({"latency_ms": 12, "model_load_time_ms": 900}, {"latency_ms": 15}, True),
        ({"id": "smollm2-135m"}, {"id": "qwen2.5-0.5b"}, False),
        ({"text": "Hello"}, {"text": "Hallo"}, False),
        ({"duration": 1.5}, {"duration": 1.6}, False),
        ({"tokens": 12}, {"tokens": 13}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ({"flag": True}, {"flag": 1}, False),
    ],
)
def test_noise_is_ids_dates_and_times_and_nothing_else(old, new, is_same):
    responses = [RecordedResponse(200, {}, json.dumps(value).encode()) for value in (new, old)]
    assert (find_renames(*responses) is not None) == is_same


@pytest.mark.parametrize(
    ("name", "old", "new", "is_same"),
    [
        ("x-ratelimit-remaining-requests", "99", "98", True),
        ("x-ratelimit-reset-tokens", "1m30s", "2m5.5s", True),
        ("x-pg-processing-ms", "12.5", "8", True),
        ("retry-after", "7", "12", True),
        ("retry-after", "7", "Mon, 30 Nov 2026 12:00:00 GMT", False),
        ("x-ratelimit-limit-requests", "100", "200", False),
        ("x-pg-region", "yvr-01", "ymq-01", False),
    ],
)
def test_what_is_left_of_a_limit_is_noise_in_a_header_and_the_limit_is_not(name, old, new, is_same):
    responses = [RecordedResponse(429, {name: value}, b"{}") for value in (new, old)]
    assert (find_renames(*responses) is not None) == is_same
