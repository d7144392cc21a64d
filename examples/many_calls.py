"""Concurrent calls with a limit and a progress bar; errors are collected and reported at the end.

pip install rich
python examples/many_calls.py
"""

from __future__ import annotations

import asyncio
import sys

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from polargrid import PolarGrid, PolarGridError

COUNTRIES = ["Canada", "France", "Japan", "Kenya", "Norway", "Peru"]
CONCURRENCY = 4


async def main() -> None:
    capitals: dict[str, str] = {}
    failures: dict[str, PolarGridError] = {}
    semaphore = asyncio.Semaphore(CONCURRENCY)
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    # A busy server responds with 429 and Retry-After; the client waits and retries up to `max_retries` times.
    async with PolarGrid(region="local", max_retries=8, deadline=300) as client:
        with Progress(*columns) as progress:
            bar = progress.add_task("capitals", total=len(COUNTRIES))

            async def request(country: str) -> None:
                async with semaphore:
                    try:
                        capitals[country] = await get_capital(client, country)
                    except PolarGridError as error:
                        failures[country] = error
                progress.advance(bar)

            async with asyncio.TaskGroup() as group:
                for country in COUNTRIES:
                    group.create_task(request(country))

    for country in COUNTRIES:
        print(f"{country:<8} {capitals.get(country) or failures[country]}")
    if failures:
        sys.exit(f"{len(failures)} of {len(COUNTRIES)} calls failed")


async def get_capital(client: PolarGrid, country: str) -> str:
    question = f"What is the capital of {country}?"
    response = await client.chat.completions.create(
        model="llama-3.1-8b", messages=[{"role": "user", "content": question}], max_tokens=12, temperature=0
    )
    return (response.choices[0].message.content or "").strip()


if __name__ == "__main__":
    asyncio.run(main())
