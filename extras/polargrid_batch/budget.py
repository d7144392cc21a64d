"""A budget: what is spent, and what the rows under way may cost at most. Pure."""

from __future__ import annotations

import attrs

from polargrid.errors import PolarGridError
from polargrid_batch.errors import BatchInputError, BudgetReachedError
from polargrid_batch.estimates import limit_output, uses_tokens
from polargrid_batch.model_use import format_cost
from polargrid_batch.prices import Prices
from polargrid_batch.results import Result
from polargrid_batch.rows import Row

_ADD_LIMIT = "add max_tokens to its body (--max-tokens does, with --operation)"
_GIVE_PRICES = "give --price-input and --price-output, or its table in the file of --prices"


@attrs.define
class Budget:
    """How much a run may cost, in US dollars, with what earlier runs of the same output did.

    A row is reserved with its upper estimate before its first attempt: each byte of its line may be a token, and the
    response may use all that the body allows. Its result replaces the estimate by what it did cost.
    """

    limit: float
    prices: Prices
    spent: float = 0.0
    _reserved: dict[int, float] = attrs.field(factory=dict, init=False)
    _total: float = attrs.field(default=0.0, init=False)

    def reserve(self, row: Row) -> PolarGridError | None:
        """Reserve a row that is to start, once; return why it may not, and reserve nothing.

        BudgetReachedError may pass when rows under way have cost less than their estimates.
        """
        if row.number in self._reserved:
            return None
        try:
            estimate = self._estimate(row)
        except BatchInputError as error:
            return error
        if self.spent + self._total + estimate > self.limit:
            return BudgetReachedError(
                f"the budget of {format_cost(self.limit)} is reached: {format_cost(self.spent)} are spent, and "
                f"row {row.number} may cost {format_cost(estimate)}; raise --budget, and run the same command again"
            )
        self._reserved[row.number] = estimate
        self._total += estimate
        return None

    def settle(self, number: int, result: Result) -> None:
        """Take the result of a row: what it cost replaces the estimate, which counts if a response has no usage."""
        estimate = self._reserved.pop(number, None)
        if estimate is None:
            return
        self._total = self._total - estimate if self._reserved else 0.0
        price = self.prices.find(result.model)
        has_usage = bool(result.input_tokens or result.output_tokens)
        if has_usage and price is not None:
            self.spent += price.compute_cost(result.input_tokens, result.output_tokens)
        elif result.ok:
            self.spent += estimate

    def _estimate(self, row: Row) -> float:
        """Return the most that a row may cost. Raises BatchInputError if it is not known."""
        name = row.body.get("model")
        model = name if isinstance(name, str) else ""
        if not uses_tokens(row):
            if model:
                raise BatchInputError(
                    f"budget: row {row.number} is of {row.operation.name}, which has no price of tokens; "
                    "run its rows from a file of their own, without --budget"
                )
            return 0.0  # an operation on models
        price = self.prices.find(model)
        if price is None:
            raise BatchInputError(f"budget: row {row.number}: no price of the model {model!r}; {_GIVE_PRICES}")
        limit = limit_output(row, self.prices.contexts.get(model)) if price.output else 0
        if limit is None:
            raise BatchInputError(f"budget: row {row.number} has no limit of its response; {_ADD_LIMIT}")
        return price.compute_cost(row.size, limit)
