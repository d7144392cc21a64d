"""Answers with audio and transcripts, in every format."""

import io
import json
from dataclasses import replace

import av
import numpy as np
import pytest

from polargrid_testing.fake.scripting import sample_request
from polargrid_testing.fake.tone import render_tone
from polargrid_testing.samples import load_document

FORMATS = load_document()["components"]["schemas"]["AudioFormat"]["enum"]
SPEECH = {"model": "tts-1", "voice": "alloy", "input": "Hello"}
TEXT = "Hello from the edge."


def decode(audio_format, data):
    """The samples of a recording, and their rate."""
    if audio_format == "pcm":
        return np.frombuffer(data, "<i2").astype(float), 24_000
    with av.open(io.BytesIO(data)) as container:
        frames = list(container.decode(audio=0))
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(float), frames[0].sample_rate


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.37])
@pytest.mark.parametrize("audio_format", FORMATS)
def test_tone(audio_format, seconds):
    """Decoded, it has the time of the script and one frequency, of about 400 Hz."""
    samples, rate = decode(audio_format, render_tone(audio_format, seconds))
    assert len(samples) / rate == pytest.approx(seconds, abs=0.05)
    powers = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    peak = int(np.argmax(powers))
    assert peak * rate / len(samples) == pytest.approx(410, abs=15)
    assert powers[max(0, peak - 3) : peak + 4].sum() > 0.95 * powers.sum()


def test_shortest_tone():
    """A time that is shorter than a frame is a frame, and none is an error."""
    assert all(render_tone(audio_format, 1e-9) for audio_format in FORMATS)
    for seconds, audio_format in ((0, "wav"), (1, "webm")):
        with pytest.raises(ValueError, match=r"seconds: 0|'webm'; expected one of mp3"):
            render_tone(audio_format, seconds)


@pytest.mark.parametrize("audio_format", [None, *FORMATS])
def test_speech(client, fake, audio_format):
    """It is a tone in the format of the request, whole or in parts."""
    fake.speech(seconds=0.5)
    options = {} if audio_format is None else {"response_format": audio_format}
    expected = render_tone(audio_format or "mp3", 0.5)
    assert client.audio.speech.create(**SPEECH, **options).content == expected
    assert b"".join(client.text_to_speech_stream({**SPEECH, **options})) == expected


def test_speech_of_the_script(client, fake):
    """Bytes are sent as they are, and their parts as they are cut."""
    fake.speech(chunks=[b"RIFF\0\0\0\0WA", b"VE"])
    assert client.audio.speech.create(**SPEECH, response_format="wav").content == b"RIFF\0\0\0\0WAVE"
    fake.speech(b"ID3...")
    assert client.audio.speech.create(**SPEECH).content == b"ID3..."
    with pytest.raises(Exception, match="a text that matches"):
        client.audio.speech.create(**SPEECH, response_format="flac")


def test_delays_of_speech(fake):
    """The parts of a stream have the times of the script; the last page of Ogg says that it is the last."""
    fake.speech(chunks=[b"ID3", b"..."], delay=[1, 2])
    request = sample_request("text_to_speech")
    stream = replace(request, body=json.dumps({**request.json, "stream": True}).encode())
    (rule,) = fake._handler.rules
    assert [piece.delay for piece in rule.answer(stream, 1).body] == [1, 2]
    assert rule.answer(request, 2).delay == 3
    pages = [page[1] for page in render_tone("opus", 1.5).split(b"OggS")[1:]]
    assert (pages[0], pages[-1]) == (2, 4)


def transcribe(client, **options):
    return client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"RIFF"), **options)


@pytest.mark.parametrize("method", ["transcription", "translation"])
def test_transcript_formats(client, fake, method):
    """It is in the format of the request."""
    getattr(fake, method)(segments=["Hello from", " the edge."], duration=2)
    resource = getattr(client.audio, f"{method}s")

    def create(**options):
        return resource.create(model="whisper-1", file=("a.wav", b"RIFF"), **options)

    assert create().text == TEXT
    assert create(response_format="text") == TEXT
    assert create(response_format="srt") == (
        "1\n00:00:00,000 --> 00:00:01,000\nHello from\n\n2\n00:00:01,000 --> 00:00:02,000\nthe edge.\n"
    )
    assert create(response_format="vtt").startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello from\n")
    verbose = create(response_format="verbose_json")
    assert (verbose.task, verbose.duration) == ("transcribe" if method == "transcription" else "translate", 2)
    assert [(item.start, item.end, item.text) for item in verbose.segments] == [
        (0, 1, "Hello from"),
        (1, 2, " the edge."),
    ]


def test_words(client, fake):
    """Words have times if the request wants them, 0.4 s each without a duration."""
    fake.transcription(TEXT)
    verbose = transcribe(client, response_format="verbose_json", timestamp_granularities=["word"])
    assert [(word.word, word.end) for word in verbose.words] == [
        ("Hello", 0.4),
        ("from", 0.8),
        ("the", 1.2),
        ("edge.", 1.6),
    ]


def test_transcript_stream(client, fake):
    """A stream has the chunks of the script, and the whole text at its end."""
    fake.transcription(chunks=["Hello", " there."], language="fr")
    events = list(transcribe(client, stream=True))
    assert [event.delta for event in events[:-1]] == ["Hello", " there."]
    assert (events[-1].text, events[-1].language, events[-1].duration) == ("Hello there.", "fr", 0.8)


def test_transcript_by_request(client, fake):
    """A function gets the form and its file."""
    fake.transcription(lambda request: f"{request.files['file'].filename} for {request.form['model']}")
    assert transcribe(client).text == "a.wav for whisper-1"
    fake.transcription("Ada said so.", when="Ada")
    assert transcribe(client, prompt="Ada").text == "Ada said so."


def test_job(client, fake):
    """A job is accepted, runs for some polls, and then has the transcript."""
    fake.transcription(TEXT, polls=2)
    result = client.audio.transcriptions.jobs.create_and_poll(model="whisper-1", file=("a.wav", b"RIFF"))
    assert (result.text, result.language) == (TEXT, "en")
    assert [request.operation for request in fake.requests][1:] == ["get_transcription_job"] * 3
    (job,) = client.audio.transcriptions.jobs.list().jobs
    assert (job.status, job.metadata.filename, job.metadata.audio_format) == ("completed", "a.wav", "wav")
    fake.check()


def test_jobs_have_states_of_their_own(client, fake):
    """Each job has the transcript of its rule; an unknown one is an error as of the edge."""
    fake.transcription(["one", "two"], polls=0)
    jobs = client.audio.transcriptions.jobs
    names = [jobs.create(model="whisper-1", file=("a.wav", b"RIFF")).job_id for _ in range(2)]
    assert [jobs.retrieve(name).text for name in names] == ["one", "two"]
    with pytest.raises(Exception, match="unknown job 'job_x'") as caught:
        jobs.retrieve("job_x")
    assert caught.value.status_code == 404
