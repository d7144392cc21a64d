"""What the rows of each model used, and what that costs; numbers as text. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs

from polargrid_batch.prices import Prices


@attrs.define
class ModelUse:
    """What the rows of one model used."""

    rows: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def add(self, input_tokens: int, output_tokens: int, rows: int = 1) -> None:
        """Count rows."""
        self.rows += rows
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens

    @property
    def has_tokens(self) -> bool:
        """Whether the responses said how many tokens they used."""
        return bool(self.input_tokens or self.output_tokens)

    def compute_cost(self, prices: Prices, name: str) -> float | None:
        """Return the cost in US dollars; None if the price, or the tokens, are not known."""
        price = prices.find(name)
        if price is None or not self.has_tokens:
            return None
        return price.compute_cost(self.input_tokens, self.output_tokens)


def compute_cost(models: Mapping[str, ModelUse], prices: Prices) -> float | None:
    """Return what rows cost, by the models whose prices are known; None if none is."""
    costs = [cost for name, use in models.items() if (cost := use.compute_cost(prices, name)) is not None]
    return sum(costs) if costs else None


def describe_models(models: Mapping[str, ModelUse], prices: Prices) -> dict[str, dict[str, Any]]:
    """Return the use of each model as JSON, with its cost; null if it is not known."""
    return {
        name: {**attrs.asdict(use), "cost": round_cost(use.compute_cost(prices, name))}
        for name, use in sorted(models.items())
    }


def format_models(models: Mapping[str, ModelUse], prices: Prices) -> list[str]:
    """Return a line for each model."""
    lines = []
    for name, use in sorted(models.items()):
        cost = use.compute_cost(prices, name)
        parts = [format_count(use.rows, "row"), f"{use.input_tokens:,} + {use.output_tokens:,} tokens"]
        if not use.has_tokens:
            parts[1:] = ["no tokens reported"]
        else:
            parts.append("no price known" if cost is None else format_cost(cost))
        lines.append(f"{name}: {', '.join(parts)}")
    return lines


def format_count(count: int, noun: str) -> str:
    """Return a count with its noun: `1 row`, `2,000 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def format_cost(cost: float) -> str:
    """Return a cost in US dollars: with cents, and with the first two digits of less than a cent."""
    digits = 2 if cost >= 0.1 or not cost else 1 - math.floor(math.log10(cost))
    return f"${cost:,.{min(digits, 9)}f}"


def round_cost(cost: float | None) -> float | None:
    """Return a cost without the noise of binary fractions."""
    return None if cost is None else round(cost, 9)
