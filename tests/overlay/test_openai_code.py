"""Code that was written for OpenAI's SDK runs on this one: only its imports and the line of its client change."""

from __future__ import annotations

import asyncio
import re
import shutil
import textwrap
from pathlib import Path
from typing import Any, Literal

import pydantic
import pytest

from polargrid import PolarGrid, PolarGridSync

RECORDING = Path(__file__).parents[2] / "examples" / "buenos-dias.ogg"
CODE: dict[str, str] = {}


def code(name: str, text: str) -> None:
    """A piece of code, as one would write it for OpenAI's SDK; it says what it found by asserting it."""
    CODE[name] = textwrap.dedent(text)


code(
    "chat",
    """
    from openai import OpenAI

    client = OpenAI()

    completion = client.chat.completions.create(
        model="llama-3.1-8b",
        messages=[
            {"role": "system", "content": "Answer in one word."},
            {"role": "user", "content": "How do I say yes in Spanish?"},
        ],
        max_tokens=8,
    )
    assert completion.choices[0].message.content
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    """,
)
code(
    "async-chat",
    """
    import asyncio
    from openai import AsyncOpenAI

    async def main():
        async with AsyncOpenAI() as client:
            completion = await client.chat.completions.create(
                messages=[{"role": "user", "content": "Say this is a test"}], model="llama-3.1-8b", max_tokens=8
            )
            assert completion.choices[0].message.role == "assistant"

    asyncio.run(main())
    """,
)
code(
    "stream",
    """
    from openai import OpenAI

    client = OpenAI()

    stream = client.chat.completions.create(
        model="llama-3.1-8b", messages=[{"role": "user", "content": "Count to five."}], max_tokens=12, stream=True
    )
    text = ""
    for chunk in stream:
        text += chunk.choices[0].delta.content or ""
    assert text
    """,
)
code(
    "async-stream",
    """
    import asyncio
    from openai import AsyncOpenAI

    client = AsyncOpenAI()

    async def main():
        stream = await client.chat.completions.create(
            model="llama-3.1-8b",
            messages=[{"role": "user", "content": "Count to five."}],
            max_tokens=12,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert chunks[-1].usage.completion_tokens > 0
        await client.close()

    asyncio.run(main())
    """,
)
code(
    "stream-of-events",
    """
    from openai import OpenAI

    client = OpenAI()

    with client.chat.completions.stream(
        model="llama-3.1-8b", messages=[{"role": "user", "content": "Count to five."}], max_tokens=12
    ) as stream:
        text = ""
        for event in stream:
            if event.type == "content.delta":
                text += event.delta
                assert event.snapshot == text
            elif event.type == "content.done":
                assert event.content == text
    completion = stream.get_final_completion()
    assert completion.choices[0].message.content == text
    assert completion.usage.completion_tokens > 0
    """,
)
code(
    "text",
    """
    from openai import OpenAI

    client = OpenAI()

    completion = client.completions.create(model="llama-3.1-8b", prompt="The capital of France is", max_tokens=5, n=2)
    assert [choice.index for choice in completion.choices] == [0, 1]
    assert all(isinstance(choice.text, str) for choice in completion.choices)
    """,
)
code(
    "nested-parameters",
    """
    import json
    from openai import OpenAI

    client = OpenAI()

    completion = client.chat.completions.create(
        messages=[{"role": "user", "content": "Name a colour, as JSON."}],
        model="llama-3.1-8b",
        max_tokens=40,
        response_format={
            "type": "json_schema",
            "json_schema": {
                "name": "colour",
                "schema": {
                    "type": "object",
                    "properties": {"colour": {"enum": ["red", "green"]}},
                    "required": ["colour"],
                    "additionalProperties": False,
                },
            },
        },
    )
    assert json.loads(completion.choices[0].message.content)["colour"] in ("red", "green")
    """,
)
code(
    "content-parts",
    """
    from openai import OpenAI

    client = OpenAI()

    completion = client.chat.completions.create(
        model="llama-3.1-8b",
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "What is"}, {"type": "text", "text": " ice?"}]},
        ],
        max_completion_tokens=8,
    )
    assert completion.choices[0].finish_reason in ("stop", "length")
    """,
)
code(
    "tools",
    """
    import json
    from openai import OpenAI

    client = OpenAI()

    completion = client.chat.completions.create(
        model="llama-3.1-8b",
        messages=[{"role": "user", "content": "Is it day or night?"}],
        tools=[
            {
                "type": "function",
                "function": {
                    "name": "tell",
                    "parameters": {
                        "type": "object",
                        "properties": {"time": {"enum": ["day", "night"]}},
                        "required": ["time"],
                        "additionalProperties": False,
                    },
                },
            }
        ],
        tool_choice="required",
        temperature=0,
    )
    call = completion.choices[0].message.tool_calls[0]
    assert call.function.name == "tell"
    assert json.loads(call.function.arguments)["time"] in ("day", "night")
    """,
)
code(
    "files",
    """
    from pathlib import Path
    from openai import OpenAI

    client = OpenAI()

    path = Path("recording.ogg")
    with open(path, "rb") as audio_file:
        texts = [
            client.audio.transcriptions.create(model="whisper-1", file=file, language="es").text
            for file in (path, path.read_bytes(), ("recording.ogg", path.read_bytes()), audio_file)
        ]
    assert texts[0]
    assert len(set(texts)) == 1
    """,
)
code(
    "answers-of-files",
    """
    from pathlib import Path
    from openai import OpenAI

    client = OpenAI()

    verbose = client.audio.transcriptions.create(
        model="whisper-1", file=Path("recording.ogg"), response_format="verbose_json"
    )
    assert verbose.segments[0].start >= 0
    srt = client.audio.translations.create(model="whisper-1", file=Path("recording.ogg"), response_format="srt")
    assert srt.startswith("1")
    """,
)
code(
    "speech",
    """
    from pathlib import Path
    from openai import OpenAI

    client = OpenAI()

    speech_file_path = Path("speech.wav")
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input="Hello.", response_format="wav"
    ) as response:
        response.stream_to_file(speech_file_path)
    assert speech_file_path.read_bytes().startswith(b"RIFF")

    response = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.", response_format="wav")
    response.write_to_file("again.wav")
    assert response.content == response.read() == Path("again.wav").read_bytes()
    """,
)
code(
    "async-speech",
    """
    import asyncio
    from pathlib import Path
    from openai import AsyncOpenAI

    client = AsyncOpenAI()

    async def main():
        async with client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input="Hello.", response_format="wav"
        ) as response:
            await response.stream_to_file("speech.wav")
        await client.close()

    asyncio.run(main())
    assert Path("speech.wav").read_bytes().startswith(b"RIFF")
    """,
)
code(
    "errors",
    """
    import openai
    from openai import OpenAI

    client = OpenAI()

    try:
        client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "Hello"}])
    except openai.RateLimitError:
        raise AssertionError("this is another error")
    except openai.NotFoundError as e:
        assert e.status_code == 404
        assert e.code == "model_not_found"
        assert e.request_id
        assert "gpt-9" in e.message
    else:
        raise AssertionError("there is no such model")
    """,
)
code(
    "a-wrong-key",
    """
    import openai
    from openai import OpenAI

    client = OpenAI(api_key="pg_not_a_key")

    try:
        client.models.list()
    except openai.AuthenticationError as e:
        assert e.status_code == 401
    else:
        raise AssertionError("the key is wrong")
    """,
)
code(
    "request-ids",
    """
    from openai import OpenAI

    client = OpenAI()

    completion = client.chat.completions.create(
        messages=[{"role": "user", "content": "Say this is a test"}], model="llama-3.1-8b", max_tokens=4
    )
    assert completion._request_id
    """,
)
code(
    "retries-and-timeouts",
    """
    import httpx
    from openai import OpenAI

    client = OpenAI(max_retries=0, timeout=httpx.Timeout(60.0, read=50.0, write=10.0, connect=2.0))

    messages = [{"role": "user", "content": "How many days are in a week?"}]
    client.with_options(max_retries=5, timeout=50.0).chat.completions.create(
        messages=messages, model="llama-3.1-8b", max_tokens=4
    )
    client.chat.completions.create(messages=messages, model="llama-3.1-8b", max_tokens=4, timeout=50.0)
    """,
)
code(
    "raw-response",
    """
    from openai import OpenAI

    client = OpenAI()

    response = client.chat.completions.with_raw_response.create(
        messages=[{"role": "user", "content": "Say this is a test"}], model="llama-3.1-8b", max_tokens=4
    )
    assert response.headers.get("X-Request-ID") == response.headers["x-request-id"] == response.request_id
    assert response.status_code == 200
    completion = response.parse()
    assert completion.object == "chat.completion"
    """,
)
code(
    "undocumented-parameters",
    """
    from openai import OpenAI

    client = OpenAI()

    completion = client.chat.completions.create(
        messages=[{"role": "user", "content": "Hello"}],
        model="llama-3.1-8b",
        max_tokens=4,
        extra_headers={"X-Stage": "test"},
        extra_query={"stage": "test"},
        extra_body={"temperature": 0},
    )
    assert completion.choices
    """,
)
code(
    "objects",
    """
    from typing import Literal
    from pydantic import BaseModel
    from openai import OpenAI

    class Mood(BaseModel):
        mood: Literal["good", "bad"]
        loud: bool

    client = OpenAI()

    completion = client.chat.completions.parse(
        model="llama-3.1-8b",
        messages=[{"role": "user", "content": "How are you?"}],
        response_format=Mood,
        temperature=0,
    )
    message = completion.choices[0].message
    assert isinstance(message.parsed, Mood)
    assert message.parsed == Mood.model_validate_json(message.content)
    """,
)
code(
    "models",
    """
    from openai import OpenAI

    client = OpenAI()

    names = []
    for model in client.models.list():
        names.append(model.id)
    assert "whisper-base" in names
    assert [model.id for model in client.models.list().data] == names
    """,
)
code(
    "async-models",
    """
    import asyncio
    from openai import AsyncOpenAI

    async def main():
        async with AsyncOpenAI() as client:
            models = await client.models.list()
            assert "whisper-base" in [model.id for model in models]

    asyncio.run(main())
    """,
)


def moved(text: str, url: str) -> str:
    """The code with its imports and the line that makes its client changed, and nothing else."""
    text = re.sub(r"from openai import OpenAI\b", "from polargrid import PolarGridSync as OpenAI", text)
    text = re.sub(r"from openai import AsyncOpenAI\b", "from polargrid import PolarGrid as AsyncOpenAI", text)
    text = re.sub(r"^import openai$", "import polargrid as openai", text, flags=re.MULTILINE)
    return re.sub(r"\bOpenAI\(|AsyncOpenAI\(", rf'\g<0>base_url="{url}", ', text)


@pytest.mark.parametrize("name", CODE)
def test_code_for_openai(edge, tmp_path, monkeypatch, name):
    """It runs on a real edge, and finds what it looks for."""
    shutil.copy(RECORDING, tmp_path / "recording.ogg")
    monkeypatch.chdir(tmp_path)
    made: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(moved(CODE[name], edge.url), name, "exec", dont_inherit=True), made)  # noqa: S102 - it stands above
    if isinstance(made.get("client"), PolarGridSync):
        made["client"].close()


def test_nothing_else_is_changed():
    """A line of the code is as it was, or imports, or makes the client."""
    for text in CODE.values():
        pairs = zip(text.splitlines(), moved(text, "http://edge").splitlines(), strict=True)
        changed = [line for line, other in pairs if line != other]
        assert changed
        assert [line for line in changed if not re.search(r"^(from|import) |OpenAI\(", line.strip())] == []


# What OpenAI's SDK has not, on the real edge


def look(at: Literal["Oslo", "Ski"]) -> str:
    """Look up how a place is."""
    return f"{at} is sunny."


class Answer(pydantic.BaseModel):
    agreed: bool
    points: list[bool] = pydantic.Field(max_length=2)


RUN: dict[str, Any] = {
    "model": "llama-3.1-8b",
    "messages": [{"role": "user", "content": "How is Oslo?"}],
    "tools": [look],
    "tool_choice": {"type": "function", "function": {"name": "look"}},
    "seed": 1,
}


def ran(run) -> None:
    """What a run is, whatever the model says."""
    assert run.calls
    assert {call.name for call in run.calls} <= {"look"}
    assert [message["role"] for message in run.messages[:2]] == ["user", "assistant"]
    assert run.messages[-1]["role"] == "assistant"
    assert [message["content"] for message in run.messages if message["role"] == "tool"] == [
        call.result or f"error: {type(call.error).__name__}: {call.error}" for call in run.calls
    ]
    assert isinstance(run.text, str)


def test_run_tools(edge):
    """A real model calls a function, and answers."""
    with PolarGridSync(base_url=edge.url) as client:
        ran(client.chat.completions.run_tools(**RUN))


def test_run_tools_async(edge):
    """On the async client as well."""

    async def main():
        async with PolarGrid(base_url=edge.url) as client:
            ran(await client.chat.completions.run_tools(**RUN))

    asyncio.run(main())


PARSE: dict[str, Any] = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Agreed?"}], "seed": 1}


def test_parse(edge):
    """What a real model writes under a schema becomes an object of the type."""
    with PolarGridSync(base_url=edge.url) as client:
        assert isinstance(client.chat.completions.parse(**PARSE, response_format=Answer).parsed, Answer)


def test_parse_async(edge):
    """On the async client as well."""

    async def main():
        async with PolarGrid(base_url=edge.url) as client:
            return (await client.chat.completions.parse(**PARSE, response_format=Answer)).parsed

    assert isinstance(asyncio.run(main()), Answer)
