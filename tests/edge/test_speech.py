from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from polargrid_edge import sources
from polargrid_edge.backends.speech import STAND_IN, SpeechBackend, UnknownVoiceError
from polargrid_edge.catalog import MODELS, VOICES

SENTENCE = "The quick brown fox jumps over the lazy dog, and nobody on the quiet farm was surprised."


@pytest.fixture(scope="module")
def kokoro():
    """Kokoro with three of its voices."""
    model = next(model for model in MODELS if model.kind == "speech")
    voices = ("af_bella", "am_echo", "bm_fable")
    paths = sources.ensure([*model.files, *(VOICES[voice] for voice in voices)])
    backend = SpeechBackend(paths[model.files[0].name], {voice: paths[f"{voice}.bin"] for voice in voices})
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def heart():
    """A backend without Kokoro's files."""
    backend = SpeechBackend(None, {})
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def phonemes(heart):
    return lambda text: list(heart._engines.american.of(text))


@pytest.fixture(scope="module")
def british_phonemes(heart):
    return lambda text: list(heart._engines.british.of(text))


def seconds(backend, text, voice="af_bella", speed=1.0):
    return sum(map(len, backend.speak(text, voice, speed))) / backend.sample_rate


@pytest.mark.parametrize(
    ("voice", "speaker"),
    [("af_bella", "af_bella"), ("echo", "am_echo"), ("fable", "bm_fable"), ("af_nova", "heart"), ("nova", "heart")],
)
def test_speaker(kokoro, voice, speaker):
    """OpenAI's names are Kokoro's voices, and a voice whose file is missing is spoken by heart."""
    assert kokoro.speaker(voice) == speaker


def test_without_the_model_heart_speaks(heart):
    """Every known name is spoken by the built-in voice where there is no model."""
    assert {heart.speaker(voice) for voice in heart.voices} == {STAND_IN}


def test_voices(heart):
    """The names are Kokoro's 28 English voices and OpenAI's six."""
    assert len(heart.voices) == 34
    assert {"alloy", "echo", "fable", "onyx", "nova", "shimmer", "af_heart", "bm_george"} < set(heart.voices)


def test_unknown_voice(heart):
    """A voice that is not known is refused when it is asked for, by an error that names the voices."""
    with pytest.raises(UnknownVoiceError, match=r"no voice 'zz_top'\. Voices: af_alloy, .*, shimmer\."):
        heart.speak("Hello.", "zz_top")


@pytest.mark.parametrize("speed", [0.24, 4.1, float("nan")])
def test_speed_beyond_the_range(heart, speed):
    """A speed the API does not know is refused when it is asked for."""
    with pytest.raises(ValueError, match=r"from 0\.25 to 4"):
        heart.speak("Hello.", "alloy", speed)


@pytest.mark.parametrize("backend", ["kokoro", "heart"])
def test_pieces_are_sentences(backend, request):
    """Each sentence is a piece of mono float samples within full scale, with sound in it."""
    pieces = list(request.getfixturevalue(backend).speak("Hello, Dr. Smith. How are you? Good!", "af_bella"))
    assert len(pieces) == 3
    assert {(piece.dtype.name, piece.ndim) for piece in pieces} == {("float32", 1)}
    assert all(0.05 < np.abs(piece).max() <= 1.5 for piece in pieces)


@pytest.mark.parametrize("backend", ["kokoro", "heart"])
def test_speaks_the_same_again(backend, request):
    """The same text is the same samples."""
    speak = request.getfixturevalue(backend).speak
    assert np.array_equal(next(speak("Once more.", "af_bella")), next(speak("Once more.", "af_bella")))


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
@pytest.mark.parametrize("backend", ["kokoro", "heart"])
def test_speed_is_obeyed(backend, speed, request):
    """Speech at a speed lasts as long as it should, within a tenth, also where the models do not follow."""
    backend = request.getfixturevalue(backend)
    assert seconds(backend, SENTENCE) / seconds(backend, SENTENCE, speed=speed) == pytest.approx(speed, rel=0.1)


@pytest.mark.parametrize("text", ["", " \n ", "...", "😀🎉", "漢字", "!?! ?!", "\x00", "-" * 4096])
def test_nothing_to_say_is_a_short_silence(heart, text):
    """Text without a word that can be spoken is one piece of silence."""
    (piece,) = heart.speak(text, "alloy")
    assert (len(piece), piece.any()) == (6_000, False)


def test_a_long_sentence_is_cut(kokoro):
    """Kokoro speaks a sentence of more phonemes than it takes, a part first."""
    assert next(kokoro.speak("word " * 300, "af_bella")).any()


def test_a_long_sentence_is_cut_where_it_pauses(phonemes):
    """A cut is made after a comma, and between words where there is none."""
    assert [part[-1] for part in phonemes("one two three, " * 60)][:-1] == [","] * 2
    assert len(set(" ".join(phonemes("word " * 300)).split())) == 1


NASTY = [
    "a",
    "9",
    "1,",
    "a-",
    "a/",
    "x1",
    "1/",
    "-9",
    "٣²",
    "\ud800",
    "[x](",
    "aB",
    ".",
    "a. ",
    "$9",
    "\u0301",
    "①n ",
    "#",
]


@pytest.mark.parametrize("british", [False, True])
@pytest.mark.parametrize("unit", NASTY, ids=ascii)
def test_any_text_is_read(unit, british, phonemes, british_phonemes):
    """Whatever is repeated to 4096 characters is read in a second or so, in parts that Kokoro takes."""
    began = time.process_time()
    parts = (british_phonemes if british else phonemes)((unit * 4096)[:4096])
    assert time.process_time() - began < 4  # unbounded, some of these take hours; a second on an idle core
    assert max(map(len, parts), default=0) <= 400


def test_what_cannot_be_read_costs_no_other_word(phonemes):
    """A word on which the reading fails is left out, and the words around it are read."""
    assert phonemes("Hello ①n world") == phonemes("Hello world")


@pytest.mark.parametrize("word", ["internationalization's", "antidisestablishmentarianism."])
def test_long_words_are_read_whole(phonemes, word):
    """A word of letters is not cut, long as it may be."""
    (part,) = phonemes(word)
    assert " " not in part


def test_british_voices_read_british(phonemes, british_phonemes):
    """A British voice reads a word as the British do."""
    (american,), (british,) = phonemes("Schedule."), british_phonemes("Schedule.")
    assert (american[:2], british[:2]) == ("sk", "ʃˈ")


def test_many_threads(kokoro):
    """Spoken from four threads at once, a sentence is what it is when spoken alone."""
    texts = ["One two.", "Three four.", "Five six.", "Seven eight."]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda text: next(kokoro.speak(text, "am_echo")), texts))
    alone = [next(kokoro.speak(text, "am_echo")) for text in texts]
    assert all(map(np.array_equal, together, alone))


def test_closed():
    """A closed backend says so when it is asked to speak, and finishes what it had begun."""
    backend = SpeechBackend(None, {})
    pieces = backend.speak("One. Two.", "alloy")
    next(pieces)
    backend.close()
    assert next(pieces).any()
    with pytest.raises(RuntimeError, match="closed"):
        backend.speak("Hello.", "alloy")
