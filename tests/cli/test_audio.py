"""speak, transcribe and translate: real speech, there and back."""

import json
from pathlib import Path

import pytest

from tests.cli.edges import serving, well
from tests.overlay.faults.edges import answer

SPANISH = Path(__file__).parent.parent.parent / "examples" / "buenos-dias.ogg"
BEGINNINGS = {"wav": b"RIFF", "FLAC": b"fLaC", "ogg": b"OggS"}


@pytest.fixture(scope="module")
def spoken(edge, tmp_path_factory):
    """A recording of a greeting."""
    from click.testing import CliRunner

    from polargrid_cli.commands import polargrid

    file = tmp_path_factory.mktemp("spoken") / "hello.mp3"
    told = CliRunner().invoke(polargrid, ["speak", "Hello there.", "-o", str(file), "--base-url", edge.url])
    assert (told.exit_code, told.stdout) == (0, "")
    assert told.stderr.startswith(f"{file}: ")
    return file


@pytest.mark.parametrize("ending", BEGINNINGS)
def test_the_format_is_that_of_the_ending(invoke, edge, tmp_path, ending):
    """The file is what its name says."""
    file = tmp_path / f"a.{ending}"
    assert invoke("speak", "Hi.", "-o", str(file), url=edge.url).exit_code == 0
    assert file.read_bytes().startswith(BEGINNINGS[ending])


@pytest.mark.parametrize("output", [["-o", "-"], []])
def test_audio_on_stdout(command, edge, output):
    """A pipe gets the audio and nothing else, with or without `-o -`."""
    told = command("speak", *output, "--format", "wav", "-", url=edge.url, stdin=b"Hi.\n")
    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout.startswith(b"RIFF")


def test_voice_and_speed_are_sent(invoke, serve):
    """And what is not given is left to the edge."""
    edge = serve(serving(lambda _path: answer(b"x", media_type="audio/mpeg")))
    invoke("speak", "Hi", "--voice", "nova", "--speed", "1.5", "-m", "tts-1-hd", url=edge.url)
    assert json.loads(edge.requests[0].body) == {
        "model": "tts-1-hd",
        "voice": "nova",
        "speed": 1.5,
        "input": "Hi",
        "response_format": "mp3",
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["-o", "a.xyz"], "'xyz' is no audio format"),
        (["-o", "audio"], "is no audio format"),
        (["--format", "xyz"], "mp3, opus, aac, flac, wav, pcm"),
        (["-o", "none/a.mp3"], "cannot be written"),
        (["-o", "."], "cannot be written"),
        (["--speed", "9"], "speed: Input should be less than or equal to 4"),
    ],
)
def test_what_cannot_be_spoken(invoke, words, reason):
    """Wrong usage is told before anything is sent."""
    told = invoke("speak", "Hi", *words, url="http://127.0.0.1:9")
    assert told.exit_code == 2
    assert reason in told.stderr


def test_a_transcript(invoke, edge, spoken):
    """Text is the default, and only the text is on stdout."""
    told = invoke("transcribe", str(spoken), url=edge.url)
    assert (told.exit_code, told.stdout.count("\n")) == (0, 1)
    assert "hello" in told.stdout.lower()


def test_a_recording_on_stdin(invoke, edge, spoken):
    """`-` is stdin."""
    told = invoke("transcribe", "-", "--language", "en", url=edge.url, stdin=spoken.read_bytes())
    assert "hello" in told.stdout.lower()


def test_a_transcript_as_json(invoke, edge, spoken):
    """As the edge answers it, one object."""
    told = invoke("transcribe", str(spoken), "--format", "verbose_json", url=edge.url)
    assert json.loads(told.stdout)["segments"]


def test_a_translation(invoke, edge):
    """Spanish speech comes out in English."""
    assert "sun" in invoke("translate", str(SPANISH), url=edge.url).stdout.lower()


def test_some_of_several(invoke, serve, spoken):
    """What can be written down is; the exit status says that not all could."""
    edge = serve(serving(lambda _path: answer({"text": "Hello."})))
    told = invoke("transcribe", "none.mp3", str(spoken), "--json", url=edge.url)
    assert told.exit_code == 5
    assert json.loads(told.stdout) == {"file": str(spoken), "text": "Hello."}
    assert told.stderr.startswith("none.mp3: ")


def test_several_texts(invoke, serve, spoken):
    """Each stands below its name."""
    edge = serve(serving(lambda _path: answer(b"Hello.\n", media_type="text/plain")))
    told = invoke("transcribe", str(spoken), "-", url=edge.url, stdin=b"RIFF")
    assert told.stdout == f"==> {spoken} <==\nHello.\n==> - <==\nHello.\n"


def test_several_in_a_folder(invoke, edge, spoken, tmp_path):
    """A file for each, whose names are on stdout."""
    told = invoke("transcribe", str(spoken), str(SPANISH), "--format", "srt", "-o", str(tmp_path), url=edge.url)
    names = [tmp_path / "hello.srt", tmp_path / "buenos-dias.srt"]
    assert told.stdout.splitlines() == [str(name) for name in names]
    assert all(name.read_text("utf-8").startswith("1\n") for name in names)


def test_none_of_several(invoke):
    """Then the exit status is why the first could not."""
    assert invoke("transcribe", "a.mp3", "b.mp3", url="http://127.0.0.1:9").exit_code == 2


def test_a_key_that_is_refused_ends_the_run(invoke, serve, spoken):
    """The other files would fare no better."""
    edge = serve(serving(lambda _path: answer({"error": {"message": "No."}}, status="401 Unauthorized")))
    assert invoke("transcribe", str(spoken), str(spoken), url=edge.url).exit_code == 3
    assert len([request for request in edge.requests if request.line]) == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-", "-"],
        ["a", "b", "--format", "srt"],
        ["a", "--json", "--format", "srt"],
        ["a", "-o", "none"],
        ["a.mp3", "b/a.wav", "-o", "."],
    ],
)
def test_what_cannot_be_written_down(invoke, words):
    """Wrong usage is told before anything is sent."""
    assert invoke("transcribe", *words, url="http://127.0.0.1:9").exit_code == 2


def test_help_names_every_format(invoke):
    """The formats that `speak --help` names are those of the API."""
    from polargrid.types import AudioFormat, TranscriptionFormat

    assert ", ".join(list(AudioFormat)[:-1]) in " ".join(invoke("speak", "--help").stdout.split())
    assert all(form in invoke("transcribe", "--help").stdout for form in TranscriptionFormat)


def test_a_healthy_edge_that_speaks_no_audio(invoke, serve):
    """What is no audio is told, not written."""
    edge = serve(serving(well))
    told = invoke("speak", "Hi", "--max-retries", "0", url=edge.url)
    assert (told.exit_code, told.stdout) == (1, "")
