"""Facts out of running text: each sentence becomes an object of a Pydantic model, whatever the model would rather say.

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
    """Who a sentence is about."""

    name: str = pydantic.Field(max_length=60)
    profession: str = pydantic.Field(max_length=40)
    birthplace: str = pydantic.Field(max_length=40, description="The city")
    born: int = pydantic.Field(ge=1000, le=2100, description="The year")


def main() -> None:
    with PolarGridSync(region="local") as client:
        for sentence in SENTENCES:
            try:
                person = read(client, sentence)
            except ServerError as error:  # the answer was cut off, or does not fit: `partial` holds what came
                print(f"not understood: {error.partial!r}")
            else:
                print(person or "the model refused")


def read(client: PolarGridSync, sentence: str) -> Person | None:
    answer = client.chat.completions.parse(
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
    return answer.parsed


if __name__ == "__main__":
    main()
