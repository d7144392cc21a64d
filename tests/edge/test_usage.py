"""The usage of API keys: the store, what counts, and the operation."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from polargrid_edge.usage_store import Usage, UsageStore, data_directory
from tests.edge.scripted import HEADERS, ScriptedEdge, run_scripted_edge, wait_until
from tests.edge.test_app import CHAT, CHAT_PATH, SPEECH, SPEECH_PATH, is_valid, read_error

DAY = date(2026, 11, 30)
OTHER = {"Authorization": "Bearer pg_other"}


def read(store: UsageStore, key: str = "pg_a", first: date = DAY, last: date = DAY) -> list[Usage]:
    return asyncio.run(store.read(key, first, last))


def usage(model: str = "m", region: str = "local", tokens: int = 5, seconds: float = 0.5) -> Usage:
    return Usage(model, region, 1, tokens, seconds)


# The store


@pytest.mark.parametrize("in_memory", [True, False])
def test_requests_are_added_up(tmp_path: Path, in_memory: bool) -> None:
    """By key, day, model and region."""
    store = UsageStore(None if in_memory else tmp_path)
    for item in (usage(), usage(), usage("n"), usage(region="yvr-01", tokens=7)):
        store.record("pg_a", DAY, item)
    store.record("pg_b", DAY, usage())
    store.record("pg_a", DAY - timedelta(1), usage())
    assert read(store) == [
        Usage("m", "local", 2, 10, 1.0),
        Usage("m", "yvr-01", 1, 7, 0.5),
        Usage("n", "local", 1, 5, 0.5),
    ]
    assert read(store, "pg_b") == [usage()]
    assert read(store, first=DAY - timedelta(1))[0].requests == 3
    assert read(store, "pg_c") == []
    store.close()


def test_usage_survives_a_restart(tmp_path: Path) -> None:
    """Closing writes what is recorded."""
    first = UsageStore(tmp_path / "new" / "folder")
    first.record("pg_a", DAY, usage())
    first.close()
    second = UsageStore(tmp_path / "new" / "folder")
    second.record("pg_a", DAY, usage())
    assert read(second) == [Usage("m", "local", 2, 10, 1.0)]
    second.close()


def test_two_edges_share_a_file(tmp_path: Path) -> None:
    """Each sees the requests of the other."""
    stores = UsageStore(tmp_path), UsageStore(tmp_path)
    for _ in range(20):
        for store in stores:
            store.record("pg_a", DAY, usage(tokens=1))
    read(stores[1])
    assert read(stores[0])[0].requests == 40
    for store in stores:
        store.close()


def test_a_key_is_not_in_the_file(tmp_path: Path) -> None:
    """Its hash has a salt, so it is different in each file."""
    rows = []
    for name in ("a", "b"):
        store = UsageStore(tmp_path / name)
        store.record("pg_secret", DAY, usage())
        store.close()
        path = tmp_path / name / "usage.sqlite3"
        assert b"pg_secret" not in path.read_bytes()
        with sqlite3.connect(path) as connection:
            rows += connection.execute("SELECT key FROM usage").fetchall()
        connection.close()
    assert rows[0] != rows[1]


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX")
def test_only_the_user_reads_the_file(tmp_path: Path) -> None:
    """It says who used what."""
    store = UsageStore(tmp_path)
    store.record("pg_a", DAY, usage())
    store.close()
    assert (tmp_path / "usage.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("fault", ["folder", "content", "version"])
def test_a_failure_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    """And does not reach the request; reading raises it."""
    path = tmp_path / "usage.sqlite3"
    if fault == "folder":
        path.mkdir()
    elif fault == "content":
        path.write_bytes(b"not a database" * 100)
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
    store = UsageStore(tmp_path)
    with caplog.at_level(logging.WARNING, "polargrid_edge"):
        for _ in range(3):
            store.record("pg_a", DAY, usage())
        with pytest.raises((sqlite3.Error, OSError)):
            read(store)
    assert len([record for record in caplog.records if "Cannot record usage" in record.message]) == 1
    store.close()


def test_a_store_that_recovers_counts_again(tmp_path: Path) -> None:
    """The file is opened again for each request, and what was not written is added."""
    path = tmp_path / "usage.sqlite3"
    path.mkdir()
    store = UsageStore(tmp_path)
    store.record("pg_a", DAY, usage())
    with pytest.raises((sqlite3.Error, OSError)):
        read(store)
    path.rmdir()
    store.record("pg_a", DAY, usage())
    assert read(store) == [Usage("m", "local", 2, 10, 1.0)]
    store.close()


def test_a_locked_file_loses_and_delays_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempts to write do not pile up behind it: one of them is as long as all."""
    monkeypatch.setattr("polargrid_edge.usage_store._BUSY_SECONDS", 0.2)
    store = UsageStore(tmp_path)
    assert read(store) == []
    lock = sqlite3.connect(tmp_path / "usage.sqlite3", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    for _ in range(200):
        store.record("pg_a", DAY, usage(tokens=1, seconds=0.5))
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        read(store)
    assert time.monotonic() - started < 10
    lock.execute("ROLLBACK")
    assert read(store) == [Usage("m", "local", 200, 200, 100.0)]
    lock.execute("BEGIN EXCLUSIVE")
    store.record("pg_a", DAY, usage())
    store.close()
    lock.close()


def test_a_closed_store_records_nothing(tmp_path: Path) -> None:
    """A request may end after the edge."""
    store = UsageStore(tmp_path)
    store.close()
    store.record("pg_a", DAY, usage())


def test_the_environment_moves_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without it, it is the data folder of the system."""
    monkeypatch.setenv("POLARGRID_DATA", str(tmp_path))
    assert data_directory() == tmp_path
    monkeypatch.delenv("POLARGRID_DATA")
    assert data_directory().name == "polargrid"


# The operation


def read_usage(client: httpx.Client, **query: str) -> dict[str, Any]:
    response = client.get("/v1/usage", params=query).json()
    assert is_valid("UsageResponse", response)
    result: dict[str, Any] = response["usage"]
    assert result["total_requests"] == sum(item["requests"] for item in result["by_model"])
    assert result["total_requests"] == sum(item["requests"] for item in result["by_region"])
    assert result["total_tokens"] == sum(item["tokens"] for item in result["by_model"])
    return result


@pytest.fixture
def edge_client(tmp_path: Path) -> Any:
    """A client of an edge of its own, with two keys."""
    with (
        run_scripted_edge(keys=frozenset({"pg_local", "pg_other"}), data=tmp_path) as edge,
        httpx.Client(base_url=edge.url, headers=HEADERS) as client,
    ):
        yield client


def test_requests_of_models_are_counted(edge_client: httpx.Client) -> None:
    """With the tokens of request and response, by the id of the model; streams as well."""
    edge_client.post(CHAT_PATH, json=CHAT)
    edge_client.post(CHAT_PATH, json=CHAT | {"model": "llama-3.1-8b", "stream": True})
    edge_client.post(SPEECH_PATH, json=SPEECH)
    edge_client.post("/v1/embeddings", json={"model": "all-minilm-l6-v2", "input": ["a b", "c"]})
    wait_until(lambda: read_usage(edge_client)["total_requests"] == 4)
    result = read_usage(edge_client)
    assert result["by_model"] == [
        {"model_id": "all-minilm-l6-v2", "requests": 1, "tokens": 3, "cost": 0.0},
        {"model_id": "kokoro-82m", "requests": 1, "tokens": 0, "cost": 0.0},
        {"model_id": "smollm2-135m", "requests": 2, "tokens": 18, "cost": 0.0},
    ]
    assert [item["region"] for item in result["by_region"]] == ["local"]


def test_rejected_requests_are_not_counted(edge_client: httpx.Client) -> None:
    """Nor those that use no model, nor the replay of a response."""
    headers = {"Idempotency-Key": "k1"}
    for _ in range(2):
        edge_client.post(CHAT_PATH, json=CHAT, headers=headers)
    edge_client.post(CHAT_PATH, json=CHAT | {"max_tokens": 0})
    edge_client.post("/v1/embeddings", json={"model": "all-minilm-l6-v2", "input": ""})
    edge_client.get("/v1/models")
    wait_until(lambda: read_usage(edge_client)["total_requests"])
    assert read_usage(edge_client)["total_requests"] == 1


def test_a_key_has_its_own_usage(edge_client: httpx.Client) -> None:
    """Nobody sees that of another key."""
    edge_client.post(CHAT_PATH, json=CHAT)
    wait_until(lambda: read_usage(edge_client)["total_requests"])
    other = edge_client.get("/v1/usage", headers=OTHER).json()["usage"]
    assert (other["total_requests"], other["by_model"], other["total_cost"]) == (0, [], 0.0)


def test_a_period_has_both_days(edge_client: httpx.Client) -> None:
    """Without dates it is the last 30 days."""
    edge_client.post(CHAT_PATH, json=CHAT)
    wait_until(lambda: read_usage(edge_client)["total_requests"])
    today = datetime.now(UTC).date()
    yesterday, tomorrow = today - timedelta(1), today + timedelta(1)
    assert read_usage(edge_client, start_date=str(yesterday), end_date=str(tomorrow))["total_requests"] == 1
    assert read_usage(edge_client, end_date=str(yesterday - timedelta(1)))["total_requests"] == 0
    period = edge_client.get("/v1/usage", params={"end_date": "2026-11-30"}).json()["period"]
    assert period == {"start_date": "2026-11-01", "end_date": "2026-11-30"}


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"start_date": "yesterday"}, "start_date"),
        ({"end_date": "2026-02-30"}, "end_date"),
        ({"start_date": "2026-11-30", "end_date": "2026-11-01"}, "start_date"),
    ],
)
def test_an_invalid_period_is_400(fake_client: httpx.Client, query: dict[str, str], param: str) -> None:
    """The param is the date."""
    assert read_error(fake_client.get("/v1/usage", params=query), 400)["param"] == param


def test_a_store_that_fails_fails_no_other_request(tmp_path: Path) -> None:
    """Only the usage itself cannot be read."""
    (tmp_path / "usage.sqlite3").mkdir()
    with run_scripted_edge(data=tmp_path) as edge, httpx.Client(base_url=edge.url, headers=HEADERS) as client:
        assert client.post(CHAT_PATH, json=CHAT).status_code == 200
        assert read_error(client.get("/v1/usage"), 503)["code"] == "usage_unavailable"


def test_a_client_that_disconnects_has_used_the_model(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """With the tokens that were generated until then."""
    before = read_usage(fake_client)["total_requests"]
    fake_edge.text.hold()
    with fake_client.stream("POST", CHAT_PATH, json=CHAT | {"stream": True}) as response:
        next(response.iter_raw())
    fake_edge.text.cancelled.acquire(timeout=60)
    wait_until(lambda: read_usage(fake_client)["total_requests"] == before + 1)
    fake_edge.text.released.set()
