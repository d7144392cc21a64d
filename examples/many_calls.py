"""Many calls with a progress bar: a busy server loses none, and errors are reported at the end.

pip install '.[batch]'
python examples/many_calls.py
"""

from __future__ import annotations

import asyncio
import sys

from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from polargrid import PolarGrid
from polargrid_batch import Result, run

COUNTRIES = ["Canada", "France", "Japan", "Kenya", "Norway", "Peru"]


async def main() -> None:
    rows = (build_row(country) for country in COUNTRIES)
    capitals: dict[str, str] = {}
    columns = (*Progress.get_default_columns(), MofNCompleteColumn(), TimeElapsedColumn())
    failures = 0
    # The run finds out how many calls at once the server takes; what it refuses is sent again.
    async with PolarGrid(region="local") as client:
        with Progress(*columns) as progress:
            bar = progress.add_task("capitals", total=len(COUNTRIES))
            async for result in run(rows, client=client):
                capitals[result.custom_id] = read_capital(result)
                failures += not result.ok
                progress.advance(bar)

    for country in COUNTRIES:
        print(f"{country:<8} {capitals[country]}")
    if failures:
        sys.exit(f"{failures} of {len(COUNTRIES)} calls failed")


def build_row(country: str) -> dict[str, object]:
    messages = [{"role": "user", "content": f"What is the capital of {country}?"}]
    body = {"model": "llama-3.1-8b", "messages": messages, "max_tokens": 12, "temperature": 0}
    return {"custom_id": country, "method": "POST", "url": "/v1/chat/completions", "body": body}


def read_capital(result: Result) -> str:
    if result.failure is not None:
        return result.failure.message
    return (result.body["choices"][0]["message"]["content"] or "").strip()


if __name__ == "__main__":
    asyncio.run(main())
