"""Transcription: the arguments and results of Whisper with a scripted model, and one run of the real model.

No test compares the words of a real transcript.
"""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest

from polargrid_edge.backends.speech import SpeechBackend
from polargrid_edge.backends.transcription import SAMPLE_RATE, TranscriptionBackend, Word
from polargrid_edge.media.audio import decode, encode
from polargrid_edge.models import files
from polargrid_edge.models.catalog import MODELS
from polargrid_edge.models.voices import KOKORO_NAMES

SAMPLES = np.zeros(10 * SAMPLE_RATE, np.float32)


def create_segment(start, end, text, **changes):
    """A segment as faster-whisper returns it, with NumPy values."""
    values = {
        "seek": np.int64(0),
        "start": np.float64(start),
        "end": np.float64(end),
        "text": text,
        "tokens": [np.int64(50364)],
        "temperature": None,
        "avg_logprob": np.float32(-0.25),
        "compression_ratio": np.float32(1.0),
        "no_speech_prob": np.float32(0.1),
    }
    return SimpleNamespace(**values | changes)


class ScriptedWhisper:
    """Returns the same segments to any samples, and records the arguments."""

    supported_languages = ("en", "de", "zh")

    def __init__(self, segments):
        self.segments = segments
        self.arguments = {}
        self.computed = 0
        self.model = SimpleNamespace(unload_model=lambda: None)

    def transcribe(self, _samples, **arguments):
        self.arguments = arguments
        return self._compute(), SimpleNamespace(language=arguments["language"] or "de")

    def _compute(self):
        for segment in self.segments:
            self.computed += 1
            yield segment


@pytest.fixture
def model():
    return ScriptedWhisper([create_segment(0, 2, " One."), create_segment(2, 4, " Two.")])


@pytest.fixture
def backend(model):
    return TranscriptionBackend({}, load_model=lambda _paths, _threads: model)


def test_a_transcript_has_text_language_and_duration(backend):
    """The text is that of the segments; the duration is that of the audio."""
    transcript = backend.transcribe(SAMPLES)
    assert (transcript.text, transcript.language, transcript.duration) == ("One. Two.", "de", 10.0)
    assert [(segment.id, segment.text) for segment in transcript.segments] == [(0, " One."), (1, " Two.")]


def test_segments_are_in_order_and_within_the_audio(backend, model):
    """Whisper's segments may start before the end of the previous one and end after the audio."""
    model.segments = [create_segment(-1, 3, "a"), create_segment(2, 1, "b"), create_segment(9, 30, "c")]
    times = [(segment.start, segment.end) for segment in backend.transcribe(SAMPLES).segments]
    assert times == [(0, 3), (3, 3), (9, 10)]


def test_segments_are_plain_values(backend, model):
    """A transcript is valid JSON; log probabilities are not above zero."""
    model.segments = [create_segment(0, 1, "a", avg_logprob=np.float32(0.5))]
    transcript = backend.transcribe(SAMPLES)
    assert json.loads(json.dumps(dataclasses.asdict(transcript), allow_nan=False))["language"] == "de"
    assert (transcript.segments[0].avg_logprob, transcript.segments[0].temperature) == (0.0, 0.0)


def test_the_options_are_whisper_s(backend, model):
    """A language may be in capitals; without a temperature Whisper uses its own."""
    backend.transcribe(SAMPLES, task="translate", language="EN", prompt="A fable.", temperature=0.4)
    assert model.arguments == {
        "task": "translate",
        "language": "en",
        "initial_prompt": "A fable.",
        "vad_filter": True,
        "temperature": 0.4,
    }
    backend.transcribe(SAMPLES)
    assert model.arguments == {"task": "transcribe", "language": None, "initial_prompt": None, "vad_filter": True}


def test_a_prompt_has_no_special_tokens(backend, model):
    """They would end or redirect the transcript."""
    backend.transcribe(SAMPLES, prompt="<|endoftext|>A fable<|notimestamps|>.")
    assert model.arguments["initial_prompt"] == "A fable."


def test_an_unknown_language_is_rejected(backend):
    """The message lists the languages."""
    with pytest.raises(ValueError, match="unknown language 'xx'; expected one of: de, en, zh"):
        backend.transcribe(SAMPLES, language="xx")


def test_a_stopped_transcript_has_no_further_segments(backend, model):
    """`stopped` is called before each segment is computed."""
    assert backend.transcribe(SAMPLES, stopped=lambda: True).segments == []
    assert model.computed == 0
    results = iter([False, True])
    assert len(backend.transcribe(SAMPLES, stopped=lambda: next(results)).segments) == 1
    assert model.computed == 1


def test_segments_are_computed_when_they_are_read(backend, model):
    """The language is known before."""
    lazy = backend.start(SAMPLES)
    assert (lazy.language, lazy.duration, model.computed) == ("de", 10.0, 0)
    assert next(lazy.segments).text == " One."
    assert model.computed == 1


def test_words_are_in_order_and_within_the_audio(backend, model):
    """Without the space before a word; Whisper's times may overlap."""
    words = [(" One", -0.5, 2), (" two.", 1, 12)]
    words = [SimpleNamespace(word=word, start=np.float64(start), end=np.float64(end)) for word, start, end in words]
    model.segments = [create_segment(0, 10, " One two.", words=words)]
    (segment,) = backend.transcribe(SAMPLES, words=True).segments
    assert segment.words == (Word("One", 0.0, 2.0), Word("two.", 1.0, 10.0))
    assert model.arguments["word_timestamps"] is True


def test_a_closed_backend_rejects_calls(backend):
    """Closing twice is allowed."""
    backend.close()
    backend.close()
    with pytest.raises(RuntimeError, match="closed"):
        backend.transcribe(SAMPLES)


@pytest.fixture(scope="module")
def whisper():
    """The real model."""
    paths = files.ensure(next(model for model in MODELS if model.kind == "transcription").files)
    backend = TranscriptionBackend(paths, threads=1)
    yield backend
    backend.close()


@pytest.mark.parametrize("task", ["transcribe", "translate"])
def test_whisper_transcribes_speech(whisper, task):
    """The transcript has the structure of any other; its words are not compared."""
    speech = SpeechBackend(None, {}, KOKORO_NAMES).speak("The lamp is green. The cat sleeps.", "alloy")
    samples = decode(b"".join(encode(speech, 24_000, "flac")))
    transcript = whisper.transcribe(samples, task=task, language="EN", prompt="A fable.", temperature=0.4)
    assert transcript.duration == len(samples) / SAMPLE_RATE
    assert transcript.text == "".join(segment.text for segment in transcript.segments).strip()
    assert {segment.temperature for segment in transcript.segments} <= {0.4}
    starts = [segment.start for segment in transcript.segments]
    assert starts == sorted(starts)
    assert all(segment.start <= segment.end <= transcript.duration for segment in transcript.segments)
    assert json.dumps(dataclasses.asdict(transcript), allow_nan=False)


def test_whisper_times_words(whisper):
    """They are those of the segments."""
    speech = SpeechBackend(None, {}, KOKORO_NAMES).speak("The lamp is green.", "alloy")
    samples = decode(b"".join(encode(speech, 24_000, "flac")))
    transcript = whisper.transcribe(samples, words=True)
    words = [word for segment in transcript.segments for word in segment.words]
    assert "".join(word.word for word in words) == transcript.text.replace(" ", "")
    assert all(0 <= word.start <= word.end <= transcript.duration for word in words)


def test_whisper_encodes_a_sound_once(whisper):
    """For the language, for the text and for the next request with it; another sound is encoded anew."""
    first, second = (
        decode(b"".join(encode(SpeechBackend(None, {}, KOKORO_NAMES).speak(text, "alloy"), 24_000, "flac")))
        for text in ("The lamp is green.", "The cat sleeps.")
    )
    transcript = whisper.transcribe(first, temperature=0)
    encoded = whisper._model._encoded
    assert whisper.transcribe(first, temperature=0) == transcript
    assert whisper._model._encoded is encoded
    assert whisper.transcribe(second, temperature=0).text != transcript.text
    assert whisper._model._encoded is not encoded


@pytest.mark.parametrize("length", [0.0, 0.01, 2.0])
def test_silence_is_an_empty_transcript(whisper, length):
    """The filter for voice activity removes it, so that the model has nothing to transcribe."""
    transcript = whisper.transcribe(np.zeros(round(length * SAMPLE_RATE), np.float32))
    assert (transcript.text, transcript.segments, transcript.duration) == ("", [], length)
    assert transcript.language in whisper.languages
