"""Speech: the voices, the split of long texts, the speed, and the real models."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from polargrid_edge.backends.speech import (
    FALLBACK_VOICE,
    SpeechBackend,
    UnknownVoiceError,
    speak_sentences,
    split_long_words,
)
from polargrid_edge.models import files
from polargrid_edge.models.catalog import MODELS, VOICES
from polargrid_edge.models.voices import KOKORO_NAMES
from polargrid_testing.samples import load_document

RATE = 24_000
MAX_PHONEMES = 400
TTS_VOICES = load_document()["components"]["schemas"]["TTSVoice"]["enum"]
# The longest word of letters and the longest part of another word that hibari converts in a short time.
MAX_LETTERS, MAX_PART = 49, 25


@pytest.fixture(scope="module")
def kokoro():
    """Kokoro with three of its voices."""
    model = next(model for model in MODELS if model.kind == "speech")
    voices = ("af_bella", "am_echo", "bm_fable")
    paths = files.ensure([*model.files, *(VOICES[voice] for voice in voices)])
    styles = {voice: paths[f"{voice}.bin"] for voice in voices}
    backend = SpeechBackend(paths[model.files[0].name], styles, KOKORO_NAMES)
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def fallback():
    """A backend without Kokoro's files."""
    backend = SpeechBackend(None, {}, KOKORO_NAMES)
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def american(fallback):
    return lambda text: list(fallback._engines.american.convert(text))


@pytest.fixture(scope="module")
def british(fallback):
    return lambda text: list(fallback._engines.british.convert(text))


# Voices


@pytest.mark.parametrize(
    ("voice", "speaker"),
    [("af_bella", "af_bella"), ("echo", "am_echo"), ("fable", "bm_fable"), ("af_nova", "heart"), ("nova", "heart")],
)
def test_the_speaker_of_a_voice(kokoro, voice, speaker):
    """OpenAI's names are names of Kokoro's voices; a voice without a file has the fallback speaker."""
    assert kokoro.speaker(voice) == speaker


def test_without_the_model_the_fallback_speaks(fallback):
    """For every voice."""
    assert {fallback.speaker(voice) for voice in fallback.voices} == {FALLBACK_VOICE}


def test_the_voices(fallback):
    """Kokoro's 28 English voices and OpenAI's thirteen names, each of which has a voice of its own."""
    assert len(fallback.voices) == 41
    openai = {name for name in TTS_VOICES if "_" not in name}
    assert {*TTS_VOICES, "af_heart", "bm_george"} < set(fallback.voices)
    assert len({KOKORO_NAMES[name] for name in openai}) == len(openai) == 13


def test_an_unknown_voice_is_rejected(fallback):
    """Before the first sentence; the message lists the voices."""
    with pytest.raises(UnknownVoiceError, match=r"unknown voice 'zz_top'; expected one of: af_alloy, .*, verse$"):
        fallback.speak("Hello.", "zz_top")


@pytest.mark.parametrize("speed", [0.24, 4.1, float("nan")])
def test_a_speed_out_of_range_is_rejected(fallback, speed):
    """Before the first sentence."""
    with pytest.raises(ValueError, match=r"expected 0\.25 to 4"):
        fallback.speak("Hello.", "alloy", speed)


# Speed


@pytest.mark.parametrize(("speed", "model_speed"), [(0.25, 0.5), (0.5, 0.5), (1.2, 1.2), (2.0, 1.5), (4.0, 1.5)])
def test_the_speed_is_exact(speed, model_speed):
    """The model gets a speed that it follows; a change of tempo adds the rest."""
    speeds = []

    def say(phonemes, pace):
        speeds.append(pace)
        return np.sin(np.arange(round(4 * RATE / pace)) / 10).astype(np.float32)

    samples = np.concatenate(list(speak_sentences(say, ["one", "two"], speed)))
    assert speeds == [model_speed] * 2
    assert len(samples) / RATE == pytest.approx(8 / speed, rel=0.02)


# Text


@pytest.mark.parametrize("text", ["", " \n ", "...", "😀🎉", "漢字", "!?! ?!", "\x00", "-" * 4096])
def test_a_text_without_words_is_a_short_silence(fallback, text):
    """A single array of zeros."""
    (samples,) = fallback.speak(text, "alloy")
    assert (len(samples), samples.any()) == (6_000, False)


def test_a_long_sentence_is_split_at_pauses(american):
    """After a comma, and between words where there is none."""
    assert [part[-1] for part in american("one two three, " * 60)][:-1] == [","] * 2
    assert len(set(" ".join(american("word " * 300)).split())) == 1


# Repeated to 4096 characters without a split, some of these take hibari hours.
UNITS = ["a", "9", "1,", "a-", "a/", "x1", "1/", "-9", "٣²", "\ud800", "[x](", "aB", ".", "$9", "\u0301", "①n ", "#"]


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_long_words_are_split(unit):
    """The time of hibari grows with the cube of the length of a word, so no word is long."""
    words = split_long_words((unit * 4096)[:4096]).split()
    # A word of letters is cheap up to the length of the longest English words.
    assert all(len(word) <= (MAX_LETTERS if word.isalpha() else MAX_PART) for word in words)


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_any_text_is_converted(unit, american):
    """To parts that Kokoro accepts."""
    parts = american((unit * 600)[:600])
    assert max(map(len, parts), default=0) <= MAX_PHONEMES


@pytest.mark.parametrize("word", ["internationalization's", "antidisestablishmentarianism."])
def test_a_long_word_of_letters_is_not_split(word, american):
    """Its phonemes have no space."""
    assert split_long_words(word) == word
    (part,) = american(word)
    assert " " not in part


def test_a_word_that_cannot_be_converted_is_dropped(american):
    """The other words of the sentence remain."""
    assert american("Hello ①n world") == american("Hello world")


def test_british_voices_have_british_phonemes(american, british):
    """The word "schedule" differs."""
    (american_part,), (british_part,) = american("Schedule."), british("Schedule.")
    assert (american_part[:2], british_part[:2]) == ("sk", "ʃˈ")


# The real models


@pytest.mark.parametrize("name", ["kokoro", "fallback"])
def test_a_model_speaks_sentence_by_sentence(name, request):
    """Each is an array of mono samples with sound."""
    sentences = list(request.getfixturevalue(name).speak("Hello, Dr. Smith. Good!", "af_bella"))
    assert len(sentences) == 2
    assert {(samples.dtype.name, samples.ndim) for samples in sentences} == {("float32", 1)}
    assert all(samples.any() for samples in sentences)


def test_kokoro_speaks_a_sentence_beyond_its_limit(kokoro):
    """In parts."""
    assert next(kokoro.speak("word " * 300, "af_bella", speed=1.5)).any()


def test_kokoro_is_thread_safe(kokoro):
    """Concurrent calls return the samples of sequential calls."""
    texts = ["One two.", "Three four."]
    with ThreadPoolExecutor(2) as threads:
        concurrent = list(threads.map(lambda text: next(kokoro.speak(text, "am_echo")), texts))
    sequential = [next(kokoro.speak(text, "am_echo")) for text in texts]
    assert all(map(np.array_equal, concurrent, sequential))


def test_the_fallback_speaks_the_same_samples_again(fallback):
    """Its seed is constant."""
    assert np.array_equal(next(fallback.speak("Again.", "alloy")), next(fallback.speak("Again.", "alloy")))


def test_a_closed_backend_rejects_speech():
    """It finishes the speech in progress."""
    backend = SpeechBackend(None, {}, KOKORO_NAMES)
    sentences = backend.speak("One. Two.", "alloy")
    next(sentences)
    backend.close()
    assert next(sentences).any()
    with pytest.raises(RuntimeError, match="closed"):
        backend.speak("Hello.", "alloy")
