from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest

from polargrid_edge import sources
from polargrid_edge.audio import decode, encode
from polargrid_edge.backends.speech import SpeechBackend
from polargrid_edge.backends.transcription import SAMPLE_RATE, TranscriptionBackend
from polargrid_edge.catalog import MODELS, VOICES

SENTENCE = "The quick brown fox jumps over the lazy dog, and nobody on the quiet farm was surprised."


def files():
    return sources.ensure(next(model for model in MODELS if model.kind == "transcription").files)


@pytest.fixture(scope="module")
def whisper():
    backend = TranscriptionBackend(files(), threads=1)
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def spoken():
    """The sentence by Kokoro, at 24 kHz."""
    model = next(model for model in MODELS if model.kind == "speech")
    paths = sources.ensure([*model.files, VOICES["af_bella"]])
    backend = SpeechBackend(paths[model.files[0].name], {"af_bella": paths["af_bella.bin"]})
    yield list(backend.speak(SENTENCE, "af_bella"))
    backend.close()


@pytest.fixture(scope="module")
def samples(spoken):
    return decode(b"".join(encode(spoken, 24_000, "wav")))


@pytest.fixture(scope="module")
def transcript(whisper, samples):
    return whisper.transcribe(samples)


def words(text):
    return set(re.findall(r"[a-z]+", text.lower()))


def share_heard(text):
    return len(words(SENTENCE) & words(text)) / len(words(SENTENCE))


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav"])
def test_spoken_encoded_decoded_heard(whisper, spoken, name):
    """What Kokoro speaks Whisper hears, through every format."""
    samples = decode(b"".join(encode(spoken, 24_000, name)))
    assert share_heard(whisper.transcribe(samples, language="en").text) > 0.8


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_the_built_in_voice_is_understood(whisper, speed):
    """The voice that stands in for Kokoro's is heard as well, slow or fast."""
    backend = SpeechBackend(None, {})
    samples = decode(b"".join(encode(backend.speak(SENTENCE, "alloy", speed), 24_000, "flac")))
    assert share_heard(whisper.transcribe(samples, language="en").text) > 0.8


def test_language_is_heard(transcript):
    """The language is found out and given as its ISO code."""
    assert transcript.language == "en"


def test_duration(transcript, samples):
    """The duration is that of the audio, not of the words in it."""
    assert transcript.duration == len(samples) / SAMPLE_RATE


def test_text_is_that_of_the_segments(transcript):
    """The text is the segments' texts, put one after the other."""
    assert transcript.text == "".join(segment.text for segment in transcript.segments).strip()


def test_segments_are_in_order_and_within_the_audio(whisper, samples):
    """Segments follow each other, and none is beyond the end."""
    found = whisper.transcribe(np.tile(samples, 3), language="en")
    times = [(segment.start, segment.end) for segment in found.segments]
    assert len(times) > 1
    assert [segment.id for segment in found.segments] == list(range(len(times)))
    assert times == sorted(times)
    assert all(0 <= start <= end <= found.duration for start, end in times)


def test_times_are_true(whisper, samples):
    """Words after five seconds of silence start after five seconds of silence."""
    late = whisper.transcribe(np.concatenate([np.zeros(5 * SAMPLE_RATE, np.float32), samples]), language="en")
    assert late.segments[0].start == pytest.approx(5, abs=1)


def test_segments_are_plain_values(transcript):
    """A transcript goes into JSON as it is, and its logarithms of probabilities are not above zero."""
    assert json.loads(json.dumps(dataclasses.asdict(transcript), allow_nan=False))["language"] == "en"
    assert all(segment.avg_logprob <= 0 and 0 <= segment.no_speech_prob <= 1 for segment in transcript.segments)


@pytest.mark.parametrize("length", [0.0, 0.01, 5.0])
def test_silence(whisper, length):
    """Nothing said is an empty text and no error, however short."""
    found = whisper.transcribe(np.zeros(round(length * SAMPLE_RATE), np.float32))
    assert (found.text, found.segments, found.duration) == ("", [], length)


def test_noise(whisper):
    """A hiss is not made into words."""
    hiss = np.random.default_rng(0).standard_normal(3 * SAMPLE_RATE).astype(np.float32) * 0.01
    assert whisper.transcribe(hiss).text == ""


def test_translate(whisper, samples):
    """Translating English to English keeps its words."""
    assert share_heard(whisper.transcribe(samples, task="translate", language="en").text) > 0.8


def test_unknown_language(whisper):
    """A language Whisper does not know is refused, and the codes are listed."""
    with pytest.raises(ValueError, match=r"'xx' is not known\. Languages: af, .*, zh\."):
        whisper.transcribe(np.zeros(160, np.float32), language="xx")


def test_language_in_capitals(whisper, samples):
    """A code may be written in capitals."""
    assert whisper.transcribe(samples, language="EN").language == "en"


def test_temperature_is_used(whisper, samples):
    """A temperature that is asked for is the one that was used."""
    found = whisper.transcribe(samples, language="en", temperature=0.4)
    assert {segment.temperature for segment in found.segments} == {0.4}


@pytest.mark.parametrize("prompt", ["A fable about a fox.", "<|endoftext|><|notimestamps|>", "fox " * 1000])
def test_a_prompt_does_no_harm(whisper, samples, prompt):
    """With a prompt, be it too long or full of the model's own markers, the words are still heard."""
    assert share_heard(whisper.transcribe(samples, language="en", prompt=prompt).text) > 0.8


def test_stopped_at_once(whisper, samples):
    """Work that is not wanted any more is not begun."""
    assert whisper.transcribe(samples, stopped=lambda: True).segments == []


def test_stopped_between_segments(whisper, samples):
    """Work stops after the segment during which it was no longer wanted."""
    answers = iter([False, True])
    found = whisper.transcribe(np.tile(samples, 3), language="en", stopped=lambda: next(answers))
    assert len(found.segments) == 1


def test_closed():
    """A closed backend says so."""
    backend = TranscriptionBackend(files(), threads=1)
    backend.close()
    backend.close()
    with pytest.raises(RuntimeError, match="closed"):
        backend.transcribe(np.zeros(160, np.float32))
