"""No cassette holds a credential, in any notation, in any place, however it is cut."""

from __future__ import annotations

import json
import os

import pytest

import polargrid
from polargrid_testing.cassettes.cassette import cassette
from polargrid_testing.cassettes.credentials import is_secret_parameter
from polargrid_testing.cassettes.redaction import Redactor
from polargrid_testing.steps import Answer, render_event
from qa.cassette_scan.run import scan
from qa.cassette_scan.search import find_in_cassette, find_secret
from qa.cassette_scan.traffic import NOTATIONS
from tests.testing.cassette_origin import KEY, serve_origin

ODD_KEY = "key-with+every/sign=of:headers<&>'"


@pytest.mark.parametrize("notation", NOTATIONS.values(), ids=NOTATIONS)
@pytest.mark.parametrize("key", [KEY, ODD_KEY], ids=["usual", "odd"])
def test_a_key_is_removed_in_every_notation_and_nothing_else(notation, key):
    redactor = Redactor()
    redactor.note(key)
    text = f"Before {notation(key)} after"
    assert find_secret(text.encode(), key), "the search knows the notation"
    redacted = redactor.text(text)
    assert find_secret(redacted.encode(), key) is None
    assert redacted.startswith("Before ")
    assert redacted.endswith(" after")
    assert "REDACTED" in redacted


@pytest.mark.parametrize(
    "text",
    [
        "pg_live_8fj2k3l4m5n6",
        "sk-proj-a1b2c3d4e5f6g7h8",
        "Authorization: Bearer abcdef123456",
        '{"authorization": "secret-of-mine"}',
        '{\\"api_key\\": \\"secret-of-mine\\"}',
        "Cookie: session=abcdef",
        "https://user:secret@example.com/",
        "/x?api_key=secret",
        "/x?v=1&key=secret-abcdef-0123",
        "/x?X-Goog-Signature=secret",
        '{"pwd": "secret-of-mine", "private_key": "secret-of-mine"}',
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
        "ghp_0123456789abcdefghij",
    ],
)
def test_what_looks_like_a_credential_is_removed(text):
    redacted = Redactor().text(text)
    assert "REDACTED" in redacted
    assert not any(part in redacted for part in ("secret", "8fj2", "a1b2", "abcdef", "eyJ", "0123"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM pg_stat_activity, pg_catalog.pg_class",
        "import sk-learn; the bearer of good news, a basic understanding",
        '{"token": "Hello", "logprob": -0.1, "bytes": [72, 101]}',
        "pg_local",
        "sk-learn-contrib-packages",
        "/search?key=name&token=word&tokens=12&primary_key_of_a_long_name=1",
        "Time: 12:30@noon, see http://example.com:8080/a@b",
    ],
)
def test_ordinary_text_is_not_changed(text):
    assert Redactor().text(text) == text


def test_a_key_is_removed_wherever_a_stream_is_cut():
    redactor = Redactor()
    redactor.note(KEY)
    body = f"before {KEY} after".encode()
    for cut in range(1, len(body)):
        pieces = redactor.pieces([body[:cut], body[cut:]])
        assert b"".join(pieces) == b"before REDACTED after"
        assert len(pieces) == 2


def test_a_key_that_a_model_writes_token_by_token_is_removed_from_the_events():
    redactor = Redactor()
    redactor.note(KEY)
    tokens = ["Your ", "key: ", *KEY, "."]
    events = [render_event(json.dumps({"choices": [{"index": 0, "delta": {"content": token}}]})) for token in tokens]
    pieces = redactor.pieces(events)
    assert len(pieces) == len(events)
    assert pieces[:2] == events[:2]
    assert pieces[-1] == events[-1]
    texts = [json.loads(piece[6:])["choices"][0]["delta"]["content"] for piece in pieces]
    assert "".join(texts) == "Your key: REDACTED."


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        *(
            (name, True)
            for name in ("token", "key", "X-Goog-Signature", "accessKey", "my_password", "sig", "client.secret")
        ),
        *((name, False) for name in ("max_tokens", "keyword", "token_count", "monkey", "model", "author", "q")),
    ],
)
def test_a_parameter_is_a_credential_by_its_last_word(name, is_secret):
    assert is_secret_parameter(name) == is_secret


def test_a_prompt_with_a_key_is_the_same_with_another_key_or_none(tmp_path, monkeypatch):
    """A text that is long is compared by its hash."""
    with serve_origin() as origin:
        for key in (KEY, "pg_another_key_99", ""):
            monkeypatch.setenv("POLARGRID_API_KEY", key)
            with cassette(tmp_path / "a.yaml"), polargrid.PolarGridSync(base_url=origin.url) as client:
                text = os.environ["POLARGRID_API_KEY"]
                client.audio.transcriptions.create(model="m", file=b"RIFF", prompt="x " * 10_000 + text)
                client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])
    assert len(origin.requests) == 2


def test_the_program_sees_what_the_server_sent_and_the_file_does_not_have_it(tmp_path):
    """In the request: a header of its own, a cookie, the query, the text, the name of a file and its fields."""
    secrets = {"X-Tenant-Token": "tenant-credential", "Cookie": "session=cookie-credential"}
    with serve_origin() as origin:
        text = f"{KEY} tenant-credential cookie-credential"
        headers = {"set-cookie": "id=another-credential", "x-request-id": KEY, "x-other": "1"}
        origin.on(
            "/v1/audio/transcriptions", lambda _: Answer.json({"text": f"{text} another-credential"}, headers=headers)
        )
        for mode in ("all", "none"):
            with (
                cassette(tmp_path / "a.yaml", record=mode),
                polargrid.PolarGridSync(base_url=origin.url, api_key=KEY, max_retries=0) as client,
            ):
                response = client.audio.transcriptions.create(
                    model="m",
                    prompt=text,
                    file=(f"{KEY}.wav", b"RIFF a file of sound", "audio/wav"),
                    extra_headers=secrets,
                    extra_query={"api_key": "query-credential", "q": KEY},
                )
            if mode == "all":
                assert response.text == f"{text} another-credential"
    assert response.text == " ".join(["REDACTED"] * 4)
    for secret in (KEY, "tenant-credential", "cookie-credential", "another-credential", "query-credential"):
        assert find_in_cassette(tmp_path / "a.yaml", secret) is None
    assert "x-other" not in (tmp_path / "a.yaml").read_text()


def test_a_compressed_body_is_recorded_as_text(tmp_path):
    import gzip

    data = gzip.compress(json.dumps({"text": KEY}).encode())
    with serve_origin() as origin:
        kinds = {"content-type": "application/json", "content-encoding": "gzip"}
        origin.on("/v1/audio/transcriptions", lambda _: Answer(200, kinds, data))
        with cassette(tmp_path / "a.yaml") as tape, polargrid.PolarGridSync(base_url=origin.url, api_key=KEY) as client:
            assert client.audio.transcriptions.create(model="m", file=b"RIFF a file of sound").text == KEY
        assert origin.requests[0].headers["accept-encoding"] == "identity"
    assert tape.interactions[0].response.content == b'{"text": "REDACTED"}'


def test_hostile_traffic_leaves_no_credential_in_its_cassettes(tmp_path):
    """A small part of `python -m qa.cassette_scan`."""
    result = scan(tmp_path, count=4, seed=7)
    assert result.found == []
    assert result.interactions == 24
    assert result.shown > 12, "the search finds what the server shows"
