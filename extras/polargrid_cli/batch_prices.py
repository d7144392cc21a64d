"""Options of `polargrid batch` for prices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from polargrid_cli import options

if TYPE_CHECKING:
    from polargrid_batch.prices import Prices

_DOLLARS = click.FloatRange(0)


def price_options(command: options.Command) -> options.Command:
    """Add the options that say what tokens cost."""
    return options.add_options(
        command,
        click.option(
            "--price-input", type=_DOLLARS, metavar="DOLLARS", help="Price of a million input tokens of any model."
        ),
        click.option("--price-output", type=_DOLLARS, metavar="DOLLARS", help="Price of a million output tokens."),
        click.option(
            "--prices",
            "price_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help="TOML or JSON with a table for each model: input, output.  [default: prices that the server lists]",
        ),
    )


def build_prices(price_input: float | None, price_output: float | None, price_file: Path | None) -> Prices | None:
    """Return the prices that the options name; None without one."""
    from polargrid_batch.prices import Price, Prices, read_prices

    if (price_input is None) != (price_output is None):
        raise click.UsageError("--price-input and --price-output belong together; 0 is a price, too")
    prices = Prices() if price_file is None else read_prices(price_file)
    if price_input is not None and price_output is not None:
        prices = Prices(prices.models, Price(price_input, price_output))
    return prices if prices.models or prices.default else None
