"""Structured output: extracts facts from sentences as objects of a Pydantic model.

python examples/extraction.py
"""

from __future__ import annotations

import pydantic

from polargrid import PolarGridSync, ServerError

SENTENCES = [
    "Marie Curie, a physicist, was born in Warsaw in 1867.",
    "The painter Emily Carr was born in 1871 in Victoria.",
    "In 1815 Ada Lovelace was born in London; she became a mathematician.",
]


class Person(pydantic.BaseModel):
    """The person that a sentence describes."""

    name: str = pydantic.Field(max_length=60)
    profession: str = pydantic.Field(max_length=40)
    birthplace: str = pydantic.Field(max_length=40, description="The city")
    born: int = pydantic.Field(ge=1000, le=2100, description="The year")


def main() -> None:
    with PolarGridSync(region="local") as client:
        for sentence in SENTENCES:
            try:
                person = extract_person(client, sentence)
            except ServerError as error:  # the text is truncated or does not match the model
                print(f"no person in: {error.partial!r}")
            else:
                print(person or "the model refused")


def extract_person(client: PolarGridSync, sentence: str) -> Person | None:
    response = client.chat.completions.parse(
        model="llama-3.1-8b",
        messages=[
            {
                "role": "system",
                "content": "Who is the sentence about? Answer in JSON: name, profession, birthplace, born.",
            },
            {"role": "user", "content": sentence},
        ],
        response_format=Person,
        temperature=0,
        max_tokens=120,
    )
    return response.parsed


if __name__ == "__main__":
    main()
