"""Faults by name: their options, when they happen, and when they end."""

from __future__ import annotations

import asyncio
import json
import re
import socket

import httpx
import pytest
import uvloop

from polargrid import NetworkError, NotFoundError, ServerError, StreamInterruptedError
from polargrid_testing import FakeEdge
from polargrid_testing.faults import FAULTS, bind_fault
from polargrid_testing.faults.__main__ import render_table
from polargrid_testing.faults.fields import change_field
from polargrid_testing.steps import Answer

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def fake():
    """A fake edge that answers with the examples of the document."""
    with FakeEdge(host="edge.test") as started:
        started.use_examples()
        yield started


@pytest.fixture
def client(fake):
    """A client of it that does not retry."""
    with fake.client(max_retries=0) as created:
        yield created


@pytest.mark.parametrize("name", FAULTS)
def test_summary(name):
    """Each fault has a name in kebab-case and a summary of one sentence."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert re.fullmatch(r"[A-Z`].*\.", FAULTS[name].summary)
    assert not FAULTS[name].options.model_fields.keys() & {"on", "times"}  # options of `fault` itself


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("sream-cut", {}, r"unknown fault 'sream-cut' \(did you mean 'stream-cut'\?\); expected one of: body, chunked"),
        ("stream-cut", {"aftr": 1}, r"unknown option 'aftr' \(did you mean 'after'\?\); expected one of: after, end"),
        ("echo", {"after": 1}, "unknown option 'after'; it has none"),
        ("stream-cut", {"after": "1"}, "option 'after': Input should be a valid integer, not '1'"),
        ("cut", {"part": "tail"}, "option 'part': Input should be 'response', 'headers' or 'body', not 'tail'"),
        ("raw", {}, "option 'data' is required"),
    ],
)
def test_invalid_options(name, options, message):
    """The error names the known names, options or values."""
    with pytest.raises(ValueError, match=message):
        bind_fault(name, **options)


def test_fault_of_an_error(fake, client):
    """A fault of a response can be that of an error response."""
    fake.fault("cut", status=404)
    with pytest.raises(NotFoundError):
        client.health()


def test_times(fake, client):
    """A fault happens so often, and then the answers are as before."""
    fake.fault("unavailable", times=2)
    for _ in range(2):
        with pytest.raises(ServerError):
            client.health()
    assert client.health().status == "healthy"


def test_stream_fault_waits_for_a_stream(fake, client):
    """A fault of streams does not count what is no stream."""
    fake.fault("stream-cut")
    assert client.chat_completion(CHAT).choices
    with pytest.raises(StreamInterruptedError):
        list(client.chat_completion_stream(CHAT))


def test_fault_of_an_operation(fake, client):
    """With `on`, requests of other operations are answered."""
    fake.fault("html", on="list_models")
    assert client.health().status == "healthy"
    with pytest.raises(ServerError):
        client.list_models()


@pytest.mark.parametrize("name", ["connection-refused", "name-unknown"])
def test_block(fake, client, name):
    """A fault of the server ends with its block."""
    with fake.fault(name), pytest.raises(NetworkError):
        client.health()
    assert client.health().status == "healthy"


def test_name_of_a_fake(fake):
    """Lookups of its name lead to it, other lookups are unchanged, and the name ends with it."""
    look_up = socket.getaddrinfo
    port = int(fake.url.rpartition(":")[2])
    assert socket.getaddrinfo("edge.test", port)[0][4] == ("127.0.0.1", port)
    assert socket.getaddrinfo("127.0.0.1", 80)[0][4] == ("127.0.0.1", 80)
    fake.close()
    assert socket.getaddrinfo is not look_up
    with pytest.raises(OSError, match=r"[Nn]ame"):
        socket.getaddrinfo("edge.test", port)


@pytest.mark.parametrize("create_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_name_in_event_loops(fake, create_loop):
    """The name is known, and unknown, in event loops as well."""

    async def look_up():
        return await asyncio.get_running_loop().getaddrinfo("edge.test", 80)

    with asyncio.Runner(loop_factory=create_loop) as runner:
        assert runner.run(look_up())[0][4] == ("127.0.0.1", 80)
        with fake.fault("name-unknown"), pytest.raises(socket.gaierror):
            runner.run(look_up())


def test_names_need_a_host():
    """A fault of the name of a fake without one says what to do."""
    with FakeEdge() as fake, pytest.raises(ValueError, match=r"host='edge\.test'"):
        fake.fault("name-unknown")


def test_certificate_of_one_connection():
    """A fault of TLS is that of further connections, as many as it is for."""
    with FakeEdge(tls=True) as fake:
        fake.use_examples()
        fake.fault("tls-certificate", kind="other-host")
        with pytest.raises(NetworkError, match="is not valid for"), fake.client(max_retries=0) as client:
            client.health()
        with fake.client() as client:
            assert client.health().status == "healthy"


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        ("a", {"value": 1}, {"a": 1, "b": {"c": [{"d": 1}, {"d": 2}]}}),
        ("b.c.1.d", {}, {"b": {"c": [{"d": 1}, {"d": None}]}}),
        ("b.c.*.d", {"missing": True}, {"b": {"c": [{}, {}]}}),
        ("b.c.0", {"missing": True}, {"b": {"c": [{"d": 2}]}}),
        ("x.y", {"value": 1}, {"b": {"c": [{"d": 1}, {"d": 2}]}}),
    ],
)
def test_path_of_a_field(path, options, expected):
    """A path leads through objects and lists; `*` is each item."""
    changed = change_field(Answer.json({"b": {"c": [{"d": 1}, {"d": 2}]}}), path=path, **options)
    assert json.loads(changed.content) == expected


def test_slow_read_is_answered(fake):
    """After a slow read, the request is complete for rules and records."""
    fake.fault("slow-read", size=1, delay=0.0, count=2)
    response = httpx.post(f"{fake.url}/v1/chat/completions", json=CHAT, headers={"authorization": "Bearer a"})
    assert response.json()["object"] == "chat.completion"
    assert [request.json for request in fake.requests] == [CHAT]


def test_table():
    """The command lists every fault with its options."""
    assert [line.split("`")[1] for line in render_table().splitlines()[2:]] == sorted(FAULTS)
