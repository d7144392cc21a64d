"""Tools: the model requests calls of two Python functions, and the SDK runs them.

python examples/tool_agent.py "What is the weather in Montreal?"
"""

from __future__ import annotations

import sys
from typing import Literal

from polargrid import PolarGridSync

DEGREES = {"vancouver": 9, "montreal": -4, "washington": 12}


def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> str:
    """Get the weather in a city.

    Args:
        city: The name of the city, like Montreal.
        unit: The unit of the temperature.
    """
    degrees = DEGREES[city.lower().split(",")[0]]  # the SDK reports a KeyError to the model
    return f"{degrees} °C" if unit == "celsius" else f"{degrees * 9 / 5 + 32:.0f} °F"


def multiply(first: float, second: float) -> float:
    """Multiply two numbers."""
    return first * second


def main() -> None:
    question = " ".join(sys.argv[1:]) or "What is the weather in Montreal?"
    with PolarGridSync(region="local") as client:
        run = client.chat.completions.run_tools(
            model="llama-3.1-8b",
            messages=[{"role": "user", "content": question}],
            tools=[get_weather, multiply],
            max_rounds=4,
            temperature=0,
        )
    for call in run.calls:
        print(f"{call.name}({call.arguments}) -> {call.error or call.result}")
    print(run.text)


if __name__ == "__main__":
    main()
