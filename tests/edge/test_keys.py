"""Keys of a file: names, hashes, limits, changes while the edge runs, and the command that edits the file."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from polargrid_batch.outcomes import read_hold
from polargrid_cli.commands import polargrid
from polargrid_edge.errors import EdgeError
from polargrid_edge.keys import key_file
from polargrid_edge.keys.key import Key, create_secret, hash_secret
from polargrid_edge.keys.key_ring import KeyRing
from polargrid_edge.keys.rate_limits import RateLimiter
from polargrid_edge.settings import EdgeSettings
from tests.edge.scripted import CHAT_MODEL, TIMEOUT, run_scripted_edge, wait_until

CHAT = "/v1/chat/completions"
BODY = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Count."}], "max_tokens": 7}


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(polargrid, ["keys", *map(str, arguments)], env={"POLARGRID_EDGE_KEYS_FILE": None})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


def add(path: Path, name: str, *options: str) -> str:
    result = run("add", name, "--file", path, *options)
    assert result.exit_code == 0, result.output
    return str(result.stdout).strip()


def write(path: Path, text: str) -> None:
    """Write a file as an editor does, with another time even where the clock is coarse."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, max(status.st_mtime_ns, before + 1)))


# The command


def test_a_key_is_printed_once_and_stored_as_a_hash(path: Path) -> None:
    """Only its user reads the file."""
    secret = add(path, "alice", "--requests-per-minute", "60")
    text = path.read_text("utf-8")
    assert secret.startswith("pg_")
    assert secret not in text
    assert key_file.read(path)["alice"].hash == hash_secret(secret)
    assert key_file.read(path)["alice"].requests_per_minute == 60
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0


def test_keys_are_random() -> None:
    """With 256 bits, so that a fast hash hides them."""
    secrets = {create_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {46}


def test_a_revoked_key_is_gone_and_comments_stay(path: Path) -> None:
    """Names that TOML quotes too."""
    for name in ("alice", "bob@example.com", "c.d"):
        add(path, name)
    write(path, path.read_text("utf-8").replace("[keys.alice]", "# of the lab\n[ keys . 'alice' ] # first"))
    assert run("revoke", "alice", "--file", path).exit_code == 0
    assert run("revoke", "bob@example.com", "--file", path).exit_code == 0
    assert list(key_file.read(path)) == ["c.d"]
    assert "# of the lab" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("add", "alice"), "it has a key 'alice'; revoke it first"),
        (("add", "a b"), "expected 1 to 64 letters"),
        (("revoke", "bob"), "it has no key 'bob'; expected one of: alice"),
    ],
)
def test_a_wrong_name_changes_nothing(path: Path, arguments: tuple[str, ...], message: str) -> None:
    """The message says what to do."""
    add(path, "alice")
    before = path.read_bytes()
    result = run(*arguments, "--file", path)
    assert result.exit_code != 0
    assert message in result.output
    assert path.read_bytes() == before


def test_a_file_that_cannot_be_edited_is_not_touched(path: Path) -> None:
    """An inline table is valid, and not written by this command."""
    value = f'keys = {{ alice = {{ hash = "{hash_secret("x")}" }} }}\n'
    write(path, value)
    result = run("revoke", "alice", "--file", path)
    assert "edit it by hand" in result.output
    assert path.read_text("utf-8") == value


def test_edits_at_the_same_time_lose_nothing(path: Path) -> None:
    """Each waits for the others, and a reader sees whole files."""
    names = [f"k{number}" for number in range(12)]

    def add_one(name: str) -> None:
        entry = key_file.KeyEntry(hash_secret(name))
        key_file.edit(
            path, lambda text: key_file.add_entry(text, name, entry), lambda keys: keys.setdefault(name, entry)
        )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_one, names))
    assert sorted(key_file.read(path)) == sorted(names)


@pytest.mark.skipif(os.name != "posix", reason="Windows lets only administrators create links")
def test_edits_of_a_link_change_its_file(path: Path, tmp_path: Path) -> None:
    """It stays a link, also before there is a file; edits by both names wait for each other."""
    link = tmp_path / "links" / "keys.toml"
    link.parent.mkdir()
    path = tmp_path / "new" / path.name
    link.symlink_to(path)
    add(link, "alice")
    add(path, "bob")
    assert link.is_symlink()
    assert list(key_file.read(path)) == ["alice", "bob"]
    assert [item.name for item in link.parent.iterdir()] == ["keys.toml"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("kind", ["loop", "pipe"])
def test_what_is_no_file_is_rejected(path: Path, kind: str) -> None:
    """With its path, and without waiting for a pipe."""
    if kind == "loop":
        path.symlink_to(path)
    else:
        os.mkfifo(path)
    result = run("add", "alice", "--file", path)
    assert (result.exit_code, str(path) in result.output) == (1, True)
    with pytest.raises((OSError, ValueError)):
        KeyRing([], path)


def test_keys_are_listed_with_their_usage(path: Path, tmp_path: Path) -> None:
    """That of the last 30 days; a renewed key goes on with the usage of its name."""
    secret = add(path, "alice", "--tokens-per-minute", "1000")
    with run_scripted_edge(keys_file=path, data=tmp_path) as edge:
        with httpx.Client(base_url=edge.url, headers={"Authorization": f"Bearer {secret}"}, timeout=TIMEOUT) as client:
            client.post(CHAT, json=BODY)
            own = wait_for_usage(client)
        run("revoke", "alice", "--file", path)
        renewed = add(path, "alice")
        with httpx.Client(base_url=edge.url, headers={"Authorization": f"Bearer {renewed}"}) as client:
            assert wait_for_usage(client) == own == (1, 10)
    (row,) = json.loads(run("list", "--file", path, "--data", tmp_path, "--json").stdout)["keys"]
    assert (row["name"], row["requests"], row["tokens"]) == ("alice", 1, 10)
    assert "hash" not in row


def wait_for_usage(client: httpx.Client) -> tuple[int, int]:
    def read() -> tuple[int, int]:
        usage = client.get("/v1/usage").json()["usage"]
        return usage["total_requests"], usage["total_tokens"]

    wait_until(lambda: read()[0])
    return read()


# The file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[keys", "not a TOML file"),
        ("[users.alice]", "users: expected a table for each key"),
        ("keys = 1", "keys: expected a table for each key"),
        ("[keys.alice]", "keys.alice.hash: expected sha256:"),
        ("[keys.alice]\nhash = 'pg_secret'", "keys.alice.hash: expected sha256:"),
        (f"[keys.alice]\nhash = '{hash_secret('a')}'\nlimit = 3", "unknown field 'limit'"),
        (f"[keys.alice]\nhash = '{hash_secret('a')}'\ntokens_per_minute = 0", "tokens_per_minute: 0 is not a limit"),
        (f"[keys.alice]\nhash = '{hash_secret('a')}'\nrequests_per_minute = -1", "-1 is not a limit; expected 1 to"),
        (f"[keys.alice]\nhash = '{hash_secret('a')}'\nrequests_per_minute = 1{'0' * 400}", "is not a limit"),
        (f"keys = {'[' * 100_000}", "not a TOML file"),
        (f"[keys.alice]\nhash = '{hash_secret('a')}'\nrequests_per_minute = true", "True is not a limit"),
        (f"[keys.alice]\nhash = '{hash_secret('a')}'\ncreated = 'today'", "created: expected a time"),
        (f"[keys.'a b']\nhash = '{hash_secret('a')}'", "keys.a b: expected a name"),
        (f"[keys.a]\nhash = '{hash_secret('a')}'\n[keys.b]\nhash = '{hash_secret('a')}'", "a and b have the same hash"),
    ],
)
def test_a_broken_file_is_rejected(text: str, message: str) -> None:
    """With the path and the place, and without a hash or key."""
    with pytest.raises(key_file.KeyFileError) as caught:
        key_file.parse(text.encode(), "keys.toml")
    assert str(caught.value).startswith("keys.toml: ")
    assert message in str(caught.value)
    assert "pg_secret" not in str(caught.value)


def test_an_edge_does_not_start_with_a_broken_file(path: Path) -> None:
    """Nor without it: the message says what creates it."""
    with pytest.raises(ValueError, match="polargrid keys add NAME --file"):
        KeyRing([], path)
    write(path, "[keys")
    with pytest.raises(key_file.KeyFileError):
        KeyRing([], path)


# The edge


@pytest.fixture
def status(path: Path) -> Iterator[Callable[[str], int]]:
    """A function that returns the status of a request with a key."""
    add(path, "first")
    with run_scripted_edge(keys_file=path) as edge, httpx.Client(base_url=edge.url, timeout=TIMEOUT) as client:
        yield lambda secret: client.get("/health", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_keys_change_without_a_restart(status: Callable[[str], int], path: Path) -> None:
    """A new one counts at once, and so does the end of a revoked one; the public key does not count."""
    secret = add(path, "alice")
    assert (status(secret), status("pg_local"), status("pg_other")) == (200, 401, 401)
    run("revoke", "alice", "--file", path)
    assert status(secret) == 401


def test_a_file_that_breaks_keeps_the_keys(
    status: Callable[[str], int], path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so once, and again when the file is read."""
    secret = add(path, "alice")
    whole = path.read_text("utf-8")
    assert status(secret) == 200
    caplog.clear()
    for fault in ("[keys", "[keys.x]\nhash = 1"):
        write(path, fault)
        assert [status(secret) for _ in range(3)] == [200] * 3
    path.unlink()
    assert [status(secret) for _ in range(3)] == [200] * 3
    assert [item.levelno for item in caplog.records if "still count" in item.message] == [logging.ERROR] * 3
    write(path, whole.replace("[keys.alice]", "[keys.bob]"))
    assert status(secret) == 200
    assert caplog.records[-1].message == f"Keys: {path} has 2 keys"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no named pipes in folders")
def test_a_pipe_or_a_nested_file_keeps_the_keys(status: Callable[[str], int], path: Path) -> None:
    """The edge serves on."""
    secret = add(path, "alice")
    assert status(secret) == 200
    write(path, f"keys = {'[' * 100_000}")
    assert [status(secret), status("pg_other")] == [200, 401]
    path.unlink()
    os.mkfifo(path)
    assert [status(secret), status("pg_other")] == [200, 401]


def test_a_file_that_could_not_be_read_is_read_later(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if its status is the same: its owner has changed, or there were too many open files."""
    secret = add(path, "alice")
    ring = KeyRing([], path)
    run("revoke", "alice", "--file", path)
    with monkeypatch.context() as patch:
        patch.setattr(key_file, "read", lambda _: path.parent.read_bytes())
        assert [ring.find(secret) is not None for _ in range(2)] == [True, True]
        assert not ring.is_file_valid
    assert ring.find(secret) is None
    assert ring.is_file_valid


def test_a_key_that_is_revoked_completes_its_stream(path: Path) -> None:
    """Its next request is rejected, also on the same connection."""
    secret = add(path, "alice")
    with run_scripted_edge(keys_file=path) as edge, httpx.Client(base_url=edge.url, timeout=TIMEOUT) as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        edge.text.hold()
        with client.stream("POST", CHAT, json=BODY | {"stream": True}) as response:
            lines = response.iter_lines()
            next(lines)
            run("revoke", "alice", "--file", path)
            assert httpx.get(f"{edge.url}/health", headers=client.headers).status_code == 401
            edge.text.released.set()
            *_, last = [line for line in lines if line]
        assert last == "data: [DONE]"
        assert client.post(CHAT, json=BODY).status_code == 401


def test_keys_of_both_kinds_count(path: Path) -> None:
    """Those of the settings have numbers for names, which say nothing about them."""
    secret = add(path, "alice")
    ring = KeyRing(["own", "other", "pg_local"], path, local_key="pg_local")
    names = {text: key.name for text in (secret, "own", "other", "pg_local") if (key := ring.find(text))}
    assert (names[secret], names["pg_local"]) == ("alice", "local")
    assert {names["own"], names["other"]} == {"key-1", "key-2"}
    assert ring.find("none") is None


def test_a_file_of_keys_is_enough_for_other_addresses(path: Path) -> None:
    """The public key is not accepted with it."""
    settings = EdgeSettings(host="0.0.0.0", keys_file=path)  # noqa: S104
    assert settings.keys == frozenset()


# Limits


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def limited(requests: int | None = None, tokens: int | None = None) -> Key:
    return Key("alice", "name\nalice", requests, tokens)


def test_requests_are_limited_by_the_minute() -> None:
    """As many at once, then one for each part of the minute; a rejected one does not count."""
    clock = Clock()
    limiter = RateLimiter(clock)
    key = limited(requests=3)
    for _ in range(3):
        limiter.admit(key)
    for _ in range(5):
        with pytest.raises(EdgeError, match="key 'alice' may use 3 requests a minute; retry in 20 s") as caught:
            limiter.admit(key)
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "20")
    clock.now += 20
    limiter.admit(key)
    with pytest.raises(EdgeError):
        limiter.admit(key)
    clock.now += 3600
    for _ in range(3):
        limiter.admit(key)
    with pytest.raises(EdgeError):
        limiter.admit(key)


def test_tokens_are_limited_by_what_is_left() -> None:
    """A request that uses more than that is completed; the next ones wait until it is made up for."""
    clock = Clock()
    limiter = RateLimiter(clock)
    key = limited(tokens=60)
    limiter.admit(key)
    limiter.spend(key, 100)
    with pytest.raises(EdgeError, match="60 tokens a minute; retry in 41 s"):
        limiter.admit(key)
    clock.now += 41
    limiter.admit(key)


def test_a_limit_that_changes_counts_from_now_on() -> None:
    """What is used stays used."""
    limiter = RateLimiter(Clock())
    limiter.admit(limited(requests=2))
    limiter.admit(limited(requests=1))
    with pytest.raises(EdgeError):
        limiter.admit(limited(requests=1))
    limiter.admit(limited())


def test_the_headers_are_those_of_openai() -> None:
    """A client that holds back by them, as bulk runs do, waits until the next request is accepted."""
    limiter = RateLimiter(Clock())
    key = limited(requests=2, tokens=1000)
    limiter.admit(key)
    limiter.spend(key, 100)
    headers = limiter.headers(key)
    assert headers == {
        "x-ratelimit-limit-requests": "2",
        "x-ratelimit-remaining-requests": "1",
        "x-ratelimit-reset-requests": "30000ms",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "900",
        "x-ratelimit-reset-tokens": "6000ms",
    }
    assert read_hold(headers) is None
    limiter.admit(key)
    assert read_hold(limiter.headers(key)) == 30
    assert limiter.headers(limited()) == {}


def test_the_edge_limits_requests_with_a_body(path: Path) -> None:
    """429 with Retry-After and the limits; what only reads is free, and other keys have their own limits."""
    secret, other = add(path, "alice", "--requests-per-minute", "2"), add(path, "bob")
    with run_scripted_edge(keys_file=path) as edge, httpx.Client(base_url=edge.url, timeout=TIMEOUT) as client:
        headers = {"Authorization": f"Bearer {secret}"}
        responses = [client.post(CHAT, json=BODY | {"stream": bool(number)}, headers=headers) for number in range(3)]
        assert client.get("/health", headers=headers).status_code == 200
        unlimited = client.post(CHAT, json=BODY, headers={"Authorization": f"Bearer {other}"})
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert [response.headers["x-ratelimit-remaining-requests"] for response in responses] == ["1", "0", "0"]
    assert 1 <= int(responses[2].headers["retry-after"]) <= 30
    assert responses[2].json()["error"]["type"] == "rate_limit_error"
    assert "x-ratelimit-limit-requests" not in unlimited.headers


def test_tokens_of_a_response_count(path: Path) -> None:
    """Also those of a stream."""
    secret = add(path, "alice", "--tokens-per-minute", "5")
    with run_scripted_edge(keys_file=path) as edge, httpx.Client(base_url=edge.url, timeout=TIMEOUT) as client:
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.post(CHAT, json=BODY | {"stream": True}, headers=headers).status_code == 200
        wait_until(edge.is_idle)
        response = client.post(CHAT, json=BODY, headers=headers)
    assert response.status_code == 429
    assert "5 tokens a minute" in response.json()["error"]["message"]
