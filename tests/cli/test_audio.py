"""`speak`, `transcribe` and `translate`."""

import json
from email.message import Message
from email.parser import BytesParser

import pytest

from tests.cli.servers import count_requests, healthy, reject, respond, route

AUDIO = b"\x00\x01RIFF\xff\r\n"


@pytest.fixture
def audio_server(start_server):
    """A server that responds to every request with the same audio."""
    return start_server(respond(AUDIO, media_type="audio/mpeg"))


@pytest.fixture
def json_server(start_server):
    """A server that responds to every request with a JSON transcript."""
    return start_server(respond({"text": "Hello."}))


@pytest.fixture
def text_server(start_server):
    """A server that responds to every request with a text transcript."""
    return start_server(respond(b"Hello.\n", media_type="text/plain"))


@pytest.fixture
def recording(tmp_path):
    """An audio file."""
    file = tmp_path / "hello.mp3"
    file.write_bytes(AUDIO)
    return file


def form_fields(request):
    """Return the fields of a multipart request by name."""
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    message: Message = BytesParser().parsebytes(head + request.body)
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in message.get_payload()
    }


@pytest.mark.parametrize(
    ("extension", "response_format"), [("wav", "wav"), ("FLAC", "flac"), ("ogg", "opus"), ("raw", "pcm")]
)
def test_the_file_extension_selects_the_format(invoke, audio_server, tmp_path, extension, response_format):
    """The file contains the audio that the server sends in this format."""
    file = tmp_path / f"a.{extension}"
    result = invoke("speak", "Hi.", "-o", str(file), url=audio_server.url)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{file}: {len(AUDIO)} bytes\n")
    assert json.loads(audio_server.requests[0].body)["response_format"] == response_format
    assert file.read_bytes() == AUDIO


@pytest.mark.parametrize("response_format", ["wav", "opus"])
@pytest.mark.parametrize("output", [["-o", "-"], []])
def test_stdout_receives_the_audio_only(invoke, audio_server, output, response_format):
    """The default of a pipe is stdout, for a format that is streamed (opus) and for others."""
    result = invoke("speak", *output, "--format", response_format, "-", url=audio_server.url, stdin=b"Hi.\n")
    assert (result.exit_code, result.stderr, result.stdout_bytes) == (0, "", AUDIO)
    assert json.loads(audio_server.requests[0].body)["input"] == "Hi."


def test_speak_sends_the_options(invoke, audio_server):
    """The request contains the options that are set."""
    invoke("speak", "Hi", "--voice", "nova", "--speed", "1.5", "-m", "tts-1-hd", url=audio_server.url)
    assert json.loads(audio_server.requests[0].body) == {
        "model": "tts-1-hd",
        "voice": "nova",
        "speed": 1.5,
        "input": "Hi",
        "response_format": "mp3",
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "a.xyz"], "unknown audio format 'xyz'"),
        (["-o", "audio"], "unknown audio format ''"),
        (["--format", "xyz"], "mp3, opus, aac, flac, wav, pcm"),
        (["-o", "none/a.mp3"], "cannot write"),
        (["-o", "."], "cannot write"),
        (["--speed", "9"], "speed: Input should be less than or equal to 4"),
    ],
)
def test_speak_rejects_invalid_options(invoke, closed_url, words, message):
    """No request is sent."""
    result = invoke("speak", "Hi", *words, url=closed_url)
    assert result.exit_code == 2
    assert message in result.stderr


def test_speak_rejects_a_response_without_audio(invoke, start_server):
    """A JSON response is an error, not audio."""
    result = invoke("speak", "Hi", "--max-retries", "0", url=start_server(route(healthy)).url)
    assert (result.exit_code, result.stdout) == (1, "")


def test_a_transcript_is_text_by_default(invoke, text_server, recording):
    """stdout receives the text and nothing else."""
    result = invoke("transcribe", str(recording), url=text_server.url)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Hello.\n", "")


@pytest.mark.parametrize("operation", ["transcriptions", "translations"])
def test_transcription_sends_the_file_and_the_options(invoke, text_server, recording, operation):
    """Both commands upload the file with the options that are set."""
    command = {"transcriptions": ["transcribe", "--language", "en"], "translations": ["translate"]}[operation]
    invoke(*command, str(recording), "--prompt", "Greetings", url=text_server.url)
    (request,) = [request for request in text_server.requests if request.line]
    language = {"language": b"en"} if operation == "transcriptions" else {}
    assert f"/{operation}" in request.line
    assert form_fields(request) == {
        "file": AUDIO,
        "model": b"whisper-1",
        "prompt": b"Greetings",
        "response_format": b"text",
        **language,
    }


def test_stdin_is_transcribed(invoke, text_server):
    """`-` is stdin."""
    assert invoke("transcribe", "-", url=text_server.url, stdin=AUDIO).stdout == "Hello.\n"
    assert form_fields(text_server.requests[0])["file"] == AUDIO


@pytest.mark.parametrize("words", [["--json"], ["--format", "json"]])
def test_a_json_transcript_is_the_response(invoke, json_server, recording, words):
    """The JSON of the response, one object."""
    assert json.loads(invoke("transcribe", str(recording), *words, url=json_server.url).stdout) == {"text": "Hello."}


def test_a_failed_file_does_not_stop_the_others(invoke, json_server, recording):
    """The exit status is 5 if some files fail."""
    result = invoke("transcribe", "none.mp3", str(recording), "--json", url=json_server.url)
    assert result.exit_code == 5
    assert json.loads(result.stdout) == {"file": str(recording), "text": "Hello."}
    failure = json.loads(result.stderr)
    assert failure["file"] == "none.mp3"
    assert "cannot read none.mp3" in failure["error"]["message"]
    result = invoke("transcribe", "none.mp3", str(recording), url=json_server.url)
    assert result.stderr.startswith("none.mp3: ")


def test_several_transcripts_have_headings(invoke, text_server, recording):
    """Each text follows the name of its file."""
    result = invoke("transcribe", str(recording), "-", url=text_server.url, stdin=AUDIO)
    assert result.stdout == f"==> {recording} <==\nHello.\n==> - <==\nHello.\n"


def test_a_folder_receives_a_file_for_each_transcript(invoke, start_server, recording, tmp_path):
    """stdout lists the written files."""
    subtitles = "1\n00:00:00,000 --> 00:00:01,000\nHello.\n"
    server = start_server(respond(subtitles.encode(), media_type="text/plain"))
    result = invoke(
        "transcribe", str(recording), "-", "--format", "srt", "-o", str(tmp_path), url=server.url, stdin=AUDIO
    )
    files = [tmp_path / "hello.srt", tmp_path / "stdin.srt"]
    assert result.stdout.splitlines() == [str(file) for file in files]
    assert [file.read_text("utf-8") for file in files] == [subtitles, subtitles]


@pytest.mark.parametrize(
    ("name", "response_format"), [("a.txt", "text"), ("a.SRT", "srt"), ("a.vtt", "vtt"), ("a.json", "json")]
)
def test_the_extension_of_the_output_selects_the_format(invoke, start_server, tmp_path, name, response_format):
    """As with `speak`; stdout has the name of the file."""
    body = {"text": "Hello."} if response_format == "json" else b"Hello.\n"
    server = start_server(respond(body, media_type="application/json" if response_format == "json" else "text/plain"))
    result = invoke("transcribe", "-", "-o", str(tmp_path / name), url=server.url, stdin=AUDIO)
    assert (result.exit_code, result.stdout) == (0, f"{tmp_path / name}\n"), result.stderr
    assert form_fields(server.requests[0])["response_format"] == response_format.encode()
    assert "Hello." in (tmp_path / name).read_text()


def test_a_bar_counts_several_files(open_terminal, json_server, recording):
    """On stderr, if it is a terminal; failures are above it."""
    terminal = open_terminal("transcribe", str(recording), "none.mp3", "--json", url=json_server.url, COLUMNS="100")
    assert terminal.wait() == 5
    assert "/2" in terminal.screen
    assert '"file": "none.mp3"' in terminal.screen


def test_the_first_failure_decides_if_all_files_fail(invoke, closed_url):
    """A file that does not exist is wrong usage."""
    assert invoke("transcribe", "a.mp3", "b.mp3", url=closed_url).exit_code == 2


def test_an_authentication_error_ends_the_run(invoke, start_server, recording):
    """The other files are not sent."""
    server = start_server(reject("401 Unauthorized", "invalid_api_key"))
    assert invoke("transcribe", str(recording), str(recording), url=server.url).exit_code == 3
    assert count_requests(server) == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["-", "-"],
        ["a", "b", "--format", "srt"],
        ["a", "--json", "--format", "srt"],
        ["a", "-o", "none"],
        ["a", "b", "-o", "none.srt"],
        ["a", "-o", "none/a.srt"],
        ["a.mp3", "b/a.wav", "-o", "."],
    ],
)
def test_transcribe_rejects_conflicting_arguments(invoke, closed_url, words):
    """No request is sent."""
    assert invoke("transcribe", *words, url=closed_url).exit_code == 2


def test_help_lists_the_formats_of_the_api(invoke):
    """The formats in the help of `speak` and `transcribe` are those of the API."""
    from polargrid.types import AudioFormat, TranscriptionFormat

    assert ", ".join(list(AudioFormat)[:-1]) in " ".join(invoke("speak", "--help").stdout.split())
    assert all(name in invoke("transcribe", "--help").stdout for name in TranscriptionFormat)
