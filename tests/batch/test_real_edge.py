"""Rows of each kind, with real models: text, sounds and their transcripts, in both formats of output."""

from __future__ import annotations

import json

import av
import pyarrow.dataset

from tests.batch.server import read_results, write_rows
from tests.batch.test_command import invoke

NAME = "%2E.%2Ffox.mp3"  # a name, and no path


def build_rows():
    speech = {"model": "tts-1", "voice": "alloy", "input": "A fox.", "response_format": "mp3"}
    yield {"custom_id": "../fox", "method": "POST", "url": "/v1/audio/speech", "body": speech}
    messages = [{"role": "user", "content": "Say hello."}]
    chat = {"model": "llama-3.1-8b", "messages": messages, "max_tokens": 3}
    yield {"custom_id": "chat", "method": "POST", "url": "/v1/chat/completions", "body": chat}
    yield {
        "custom_id": "failed",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {**chat, "model": "none-such"},
    }


def run(edge, source, output, *words):
    result = invoke("run", source, "-o", output, "--base-url", edge.url, "--max-in-flight", 2, "--json", *words)
    return result.exit_code, json.loads(result.stdout)


def test_one_input_has_the_same_results_in_both_formats(edge, tmp_path, monkeypatch):
    """And its sounds become files, whose transcripts are rows of another run; a missing one is told by its line."""
    monkeypatch.setenv("POLARGRID_API_KEY", "pg_local")
    source = write_rows(tmp_path / "in.jsonl", build_rows())
    for ending in ("jsonl", "parquet"):
        status, summary = run(edge, source, tmp_path / f"out.{ending}")
        assert (status, summary["succeeded"], summary["failures"]) == (5, 2, {"NotFoundError": 1})
    lines = {item["custom_id"]: item for item in read_results(tmp_path / "out.jsonl")}
    table = pyarrow.dataset.dataset(tmp_path / "out.parquet").to_table()
    rows = {row["custom_id"]: row for row in table.to_pylist()}
    assert lines.keys() == rows.keys() == {"../fox", "chat", "failed"}
    for name, row in rows.items():
        assert row["id"] == lines[name]["id"]
        assert row["status_code"] == lines[name]["response"]["status_code"]
        assert row["error_class"] == (lines[name]["error"] or {}).get("class")
    assert rows["../fox"]["content_type"] == lines["../fox"]["response"]["body"]["content_type"] == "audio/mpeg"
    assert json.loads(rows["chat"]["body"]).keys() == lines["chat"]["response"]["body"].keys()
    assert rows["chat"]["output_tokens"] == 3

    folders = {"a": tmp_path / "out.jsonl", "b": tmp_path / "out.parquet"}
    for folder, output in folders.items():
        result = invoke("extract", output, tmp_path / folder)
        assert result.output == "1 file written; 2 rows without a file\n"
        assert {path.name for path in (tmp_path / folder).iterdir()} == {NAME}
        with av.open(tmp_path / folder / NAME) as sound:
            assert sound.duration > 100_000
    assert "0 files written, 1 were there" in invoke("extract", folders["a"], tmp_path / "a").output

    body = {"model": "whisper-1", "file": f"a/{NAME}"}
    rows = [{"custom_id": "fox", "url": "/v1/audio/transcriptions", "body": {**body, "language": "en"}}]
    rows += [{"custom_id": "none", "url": "/v1/audio/transcriptions", "body": {**body, "file": "a/none.mp3"}}]
    source = write_rows(tmp_path / "sounds.jsonl", rows)
    checked = invoke("check", source)
    assert checked.exit_code == 1
    assert checked.output.startswith(
        f"{source}:2: file: cannot read {tmp_path / 'a/none.mp3'}: No such file or directory"
    )
    status, summary = run(edge, source, tmp_path / "texts.parquet")
    assert (status, summary["failures"]) == (5, {"BadRequestError": 1})
    rows = {row["custom_id"]: row for row in pyarrow.dataset.dataset(tmp_path / "texts.parquet").to_table().to_pylist()}
    assert "text" in json.loads(rows["fox"]["body"])
    assert rows["none"]["error_message"].startswith("file: cannot read")
