"""instructor, over openai-python. It finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import instructor
from instructor import Mode
from instructor.core.exceptions import InstructorRetryException
from openai import OpenAI
from pydantic import BaseModel, Field

CLIENTS = {"instructor": ("instructor",)}
KIND = "frameworks"

MODEL = "llama-3.1-8b"
REQUEST = {"model": MODEL, "messages": [{"role": "user", "content": "Jason is 25 years old."}], "max_tokens": 100}


class User(BaseModel):
    name: str = Field(max_length=30)
    age: int


def structured_output():
    """By a required tool call, and by a JSON Schema."""
    for mode in (Mode.TOOLS, Mode.JSON_SCHEMA):
        client = instructor.from_openai(OpenAI(), mode=mode)
        user, response = client.create_with_completion(**REQUEST, response_model=User)
        assert isinstance(user, User)
        assert response.usage.total_tokens > 0


async def async_structured_output():
    client = instructor.from_provider(f"openai/{MODEL}", async_client=True)
    user = await client.create(response_model=User, messages=REQUEST["messages"], max_tokens=100)
    assert isinstance(user, User)


def streamed_structured_output():
    client = instructor.from_openai(OpenAI())
    *_, user = client.create_partial(**REQUEST, response_model=User)
    assert isinstance(user, User)


def wrong_key():
    client = instructor.from_openai(OpenAI(api_key="wrong"))
    try:
        client.create(**REQUEST, response_model=User)
    except InstructorRetryException as error:
        assert "invalid_api_key" in str(error)
    else:
        raise AssertionError("InstructorRetryException was not raised")
