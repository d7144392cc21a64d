"""llm, the library and the command. Its documentation describes extra-openai-models.yaml and how to set a key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import llm
import openai
from pydantic import BaseModel, Field

CLIENTS = {"llm": ("llm",)}
KIND = "clients"

MODEL = f"""\
- model_id: edge
  model_name: llama-3.1-8b
  api_base: {os.environ["OPENAI_BASE_URL"]}
  api_key_name: edge
  supports_schema: true
  supports_tools: true
"""
QUESTION = "Name a town in Quebec."

os.environ["LLM_USER_PATH"] = str(Path.cwd())
Path("extra-openai-models.yaml").write_text(MODEL, encoding="utf-8")


class Town(BaseModel):
    name: str = Field(max_length=30)
    inhabitants: int


def command():
    """It sets the key, and prints responses: streamed, not streamed, and by a schema."""
    _run("keys", "set", "edge", "--value", os.environ["OPENAI_API_KEY"])
    settings = ("-m", "edge", "-o", "temperature", "0", "-o", "max_tokens", "100")
    assert _run(*settings, "-s", "Be short.", QUESTION)
    assert _run(*settings, "--no-stream", "--continue", "And another one?")
    output = _run(*settings, "--schema", json.dumps(Town.model_json_schema()), QUESTION)
    assert Town.model_validate_json(output)


def chat():
    response = llm.get_model("edge").prompt(QUESTION, system="Be short.", stream=False, max_tokens=20, temperature=0)
    assert response.text()
    assert 0 < response.usage().output <= 20


def stream():
    response = llm.get_model("edge").prompt(QUESTION, max_tokens=20, temperature=0)
    assert len(list(response)) > 1
    assert 0 < response.usage().output <= 20


async def async_stream():
    assert "".join([text async for text in llm.get_async_model("edge").prompt(QUESTION, max_tokens=20, temperature=0)])


def structured_output():
    response = llm.get_model("edge").prompt(QUESTION, schema=Town, max_tokens=100, temperature=0)
    assert Town.model_validate_json(response.text())


def tools():
    """llm cannot require a tool call: the prompt suggests one, and the sampling is deterministic."""
    towns = []

    def get_weather(town: str) -> str:
        """The weather of a town."""
        towns.append(town)
        return f"In {town} it snows."

    chain = llm.get_model("edge").chain(
        "What is the weather in Gaspé?", tools=[get_weather], options={"temperature": 0, "seed": 1}
    )
    assert chain.text()
    assert towns
    assert all(isinstance(town, str) for town in towns)


def wrong_key():
    try:
        llm.get_model("edge").prompt(QUESTION, key="wrong").text()
    except openai.AuthenticationError as error:
        assert error.code == "invalid_api_key"
    else:
        raise AssertionError("AuthenticationError was not raised")


def _run(*arguments):
    process = subprocess.run([sys.executable, "-m", "llm", *arguments], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()
