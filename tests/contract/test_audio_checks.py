"""The checks of speech and transcripts: the local edge keeps them, a fault breaks one, a legal variation none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import httpx
import pytest

from polargrid_contract import sound, subtitles
from polargrid_contract.check import checks
from polargrid_contract.conduct import conduct
from polargrid_contract.server import Server, Target

Change = Callable[[str, bytes], bytes | None]
MODULES = ("audio", "transcripts")
CHECKS = [check for check in checks() if check.run.__module__.rpartition(".")[2] in MODULES]
HELD: dict[tuple[str, bytes], httpx.Response] = {}
BOUNDARY = re.compile(rb"boundary=(\S+)")


def _server(edge, change: Change, media: dict[str, str] | None = None) -> Server:
    """The edge, its answers changed by the format that was asked for; each is asked for once in all tests."""
    server = Server(Target(edge.url, "pg_local"))

    def answer(request: httpx.Request) -> httpx.Response:
        body = request.read()
        boundary = BOUNDARY.search(request.headers.get("content-type", "").encode())
        name = (request.url.path, body.replace(boundary[1], b"") if boundary else body)
        if name not in HELD:
            told = {"authorization": "Bearer pg_local", "content-type": request.headers.get("content-type", "")}
            HELD[name] = httpx.request(request.method, request.url, content=body, headers=told, timeout=60)
        held = HELD[name]
        form = _form(body)
        changed = change(form, held.content) if held.status_code == 200 and form else None
        data = held.content if changed is None else changed
        headers = {"content-type": (media or {}).get(form, held.headers["content-type"])}
        return httpx.Response(held.status_code, stream=httpx.ByteStream(data), headers=headers)

    server.client.close()
    server.client = httpx.Client(transport=httpx.MockTransport(answer))
    return server


def _form(body: bytes) -> str:
    """The format that a request asks for; streamed speech apart."""
    found = re.search(rb'response_format"(?:: "|\r\n\r\n)(\w+)', body)
    return (found[1].decode() if found else "") + (" streamed" if b'"stream": true' in body else "")


def _broken(server: Server) -> set[str]:
    return {outcome.check for outcome in conduct(server, CHECKS) if outcome.verdict != "kept"}


def _only(wanted: str, change: Callable[[bytes], bytes]) -> Change:
    return lambda form, body: change(body) if form == wanted else None


def _verbose(change: Callable[[dict], object]) -> Change:
    def changed(body: bytes) -> bytes:
        answer = json.loads(body)
        change(answer)
        return json.dumps(answer).encode()

    return _only("verbose_json", changed)


@pytest.mark.parametrize("name", [check.name for check in CHECKS])
def test_the_local_edge_keeps_it(edge, name):
    """No false alarm."""
    (outcome,) = conduct(_server(edge, lambda _form, _body: None), [check for check in CHECKS if check.name == name])
    assert outcome.verdict == "kept", outcome.faults


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_only("wav", lambda body: body[44:]), "speech-decodes"),
        (_only("mp3", lambda _: b""), "speech-decodes"),
        (_only("mp3", lambda _: sound.tone()), "speech-decodes"),
        (_only("opus", lambda _: b"OggS nonsense"), "speech-decodes"),
        (_only("pcm", lambda body: b"RIFF" + body), "speech-decodes"),
        (_only("wav", lambda body: body[:40] + b"\xff\xff\xff\x0f" + body[44:]), "speech-wav-header"),
        (_only("wav", lambda body: body[:28] + b"\1\0\0\0" + body[32:]), "speech-wav-header"),
        (_only("pcm", lambda body: bytes(len(body))), "speech-is-heard"),
        (_only("pcm", lambda body: body[1:] + b"\0"), "speech-is-heard"),
        (_only("pcm", lambda body: body + body), "speech-duration"),
        (_only("pcm", lambda body: body[: len(body) // 4 * 2]), "speech-duration"),
        (_only("pcm streamed", lambda body: body[: len(body) // 4 * 2]), "speech-streamed-whole"),
        (_only("srt", lambda body: body.replace(b",", b".")), "transcript-forms"),
        (_only("srt", lambda body: body.replace(b"1\n", b"0\n", 1)), "transcript-forms"),
        (_only("vtt", lambda body: body.removeprefix(b"WEBVTT")), "transcript-forms"),
        (_only("vtt", lambda body: body.replace(b".", b",")), "transcript-forms"),
        (_only("text", lambda body: json.dumps({"text": body.decode()}).encode()), "transcript-forms"),
        (_only("srt", lambda body: body[: body.index(b"\n\n") + 2]), "transcript-same-text"),
        (lambda _, body: re.sub(rb"(?i)lamp|cat|green|sleeps?|the", b"so", body), "transcript-words"),
        (_verbose(lambda answer: answer["segments"].reverse()), "transcript-segments"),
        (_verbose(lambda answer: answer["segments"].pop()), "transcript-segments"),
        (_verbose(lambda answer: answer["segments"][0].update(start=2.0, end=1.0)), "transcript-segments"),
        (_verbose(lambda answer: answer.update(duration=answer["duration"] * 1000)), "transcript-facts"),
        (_verbose(lambda answer: answer.update(task="listen")), "transcript-facts"),
        (_verbose(lambda answer: answer.update(language="")), "transcript-facts"),
    ],
)
def test_a_fault_breaks_its_check(edge, change, name):
    """What is wrong with audio or a transcript is told under its rule."""
    assert name in _broken(_server(edge, change))


@pytest.mark.parametrize(
    ("media", "name"),
    [({"flac": "audio/mpeg"}, "speech-media-type"), ({"vtt": "application/json"}, "transcript-forms")],
)
def test_another_media_type_is_a_fault(edge, media, name):
    """A player goes by it."""
    assert _broken(_server(edge, lambda _form, _body: None, media)) == {name}


def test_speed_without_effect_is_a_fault(edge):
    """The same audio at every speed."""
    server = _server(edge, lambda _form, _body: None)
    known = server.client

    def answer(request: httpx.Request) -> httpx.Response:
        content = re.sub(rb', "speed": [0-9.]+', b"", request.read())
        return known.send(httpx.Request(request.method, request.url, content=content, headers=HEAD), stream=True)

    server.client = httpx.Client(transport=httpx.MockTransport(answer))
    (outcome,) = conduct(server, [check for check in CHECKS if check.name == "speech-speed"])
    assert len(outcome.faults) == 2


HEAD = {"content-type": "application/json"}


def _open_sizes(body: bytes) -> bytes:
    return body[:4] + b"\xff" * 4 + body[8:40] + b"\xff" * 4 + body[44:]


def _with_list(body: bytes) -> bytes:
    size = int.from_bytes(body[4:8], "little") + 12
    return b"RIFF" + size.to_bytes(4, "little") + body[8:36] + b"LIST\4\0\0\0INFO" + body[36:]


@pytest.mark.parametrize(
    "change",
    [
        _only("wav", _open_sizes),
        _only("wav", _with_list),
        _only("mp3", lambda body: b"ID3\4\0\0\0\0\0\0" + body),
        _only("srt", lambda body: b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n")),
        _only(
            "vtt", lambda body: body.replace(b"WEBVTT", b"WEBVTT - lamp\n\nNOTE by hand", 1).replace(b"00:00:", b"00:")
        ),
        _verbose(lambda answer: answer.update(words=[], usage={"seconds": 4})),
        _only("text", lambda body: body + b"\n"),
    ],
)
def test_a_legal_variation_breaks_nothing(edge, change):
    """Open sizes, further chunks, tags, byte order marks, line ends, notes, short times and fields are no faults."""
    assert _broken(_server(edge, change)) == set()


def test_a_tone_is_a_sound():
    """What stands in for speech is two seconds of a WAV file."""
    heard = sound.decoded(sound.tone())
    assert (heard.container, heard.codec, heard.seconds) == ("wav", "pcm_s16le", 2.0)
    assert sound.wav_fault(sound.tone()) == ""


@pytest.mark.parametrize(
    "times", [[(0, 1), (1, 0.5)], [(2, 3), (0, 1)], [(0, 9)], [(-1, 1)]], ids=["backwards", "order", "late", "early"]
)
def test_times_out_of_order_are_told(times):
    """An end before its start, a start before the last, an end after the recording, a start before it."""
    assert subtitles.disorder(times, 4.0)


def test_no_cues_are_subtitles_too():
    """Where nobody speaks there is nothing to show."""
    assert subtitles.srt(b"") == []
    assert subtitles.vtt(b"WEBVTT\n") == []
