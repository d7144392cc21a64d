"""Many calls at once, a few at a time, with a progress bar; what fails is told at the end and stops nothing.

pip install rich
python examples/many_calls.py
"""

from __future__ import annotations

import asyncio
import sys

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from polargrid import PolarGrid, PolarGridError

COUNTRIES = ["Canada", "France", "Japan", "Kenya", "Norway", "Peru"]
AT_ONCE = 4


async def main() -> None:
    answers: dict[str, str] = {}
    faults: dict[str, PolarGridError] = {}
    places = asyncio.Semaphore(AT_ONCE)
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    # A busy edge answers 429 and says when to come back: that is waited for, up to `max_retries` times.
    async with PolarGrid(region="local", max_retries=8, deadline=300) as client:
        with Progress(*columns) as progress:
            bar = progress.add_task("capitals", total=len(COUNTRIES))

            async def ask(country: str) -> None:
                async with places:
                    try:
                        answers[country] = await capital(client, country)
                    except PolarGridError as error:
                        faults[country] = error
                progress.advance(bar)

            async with asyncio.TaskGroup() as group:
                for country in COUNTRIES:
                    group.create_task(ask(country))

    for country in COUNTRIES:
        print(f"{country:<8} {answers.get(country) or faults[country]}")
    if faults:
        sys.exit(f"{len(faults)} of {len(COUNTRIES)} calls failed")


async def capital(client: PolarGrid, country: str) -> str:
    question = f"What is the capital of {country}?"
    answer = await client.chat.completions.create(
        model="llama-3.1-8b", messages=[{"role": "user", "content": question}], max_tokens=12, temperature=0
    )
    return (answer.choices[0].message.content or "").strip()


if __name__ == "__main__":
    asyncio.run(main())
