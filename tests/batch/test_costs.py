"""Prices, costs and budgets."""

from __future__ import annotations

import asyncio
import json
import math

import pytest

from polargrid import PolarGrid
from polargrid_batch import BatchInputError, BudgetReachedError, Price, Prices, Summary, read_prices
from polargrid_batch.budget import Budget
from polargrid_batch.estimates import limit_output, uses_tokens
from polargrid_batch.lines import Line
from polargrid_batch.model_use import format_cost
from polargrid_batch.prices import fetch_prices
from polargrid_batch.results import Result
from polargrid_batch.rows import parse_row
from polargrid_batch.status import read_status
from tests.batch.conftest import run_rows
from tests.batch.server import chat_row, error_answer, read_results, write_rows
from tests.batch.test_command import environment, invoke  # noqa: F401 - a fixture
from tests.batch.test_parquet import run_files

PRICES = Prices({"m": Price(1000.0, 10_000.0)})
COST = 3 * 0.001 + 2 * 0.01  # of a response of the server: 3 + 2 tokens
MODEL = {"id": "m", "object": "model", "created": 1, "owned_by": "o", "pg_max_tokens": 50}


def build_row(tmp_path, number=1, **body):
    return parse_row(Line(number, json.dumps(chat_row("a", **body)).encode()), tmp_path)


def build_result(number, tokens=(3, 2)):
    return Result(number, 0, "a", 200, None, b"{}", None, 1, "r", *tokens, model="m")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a table for each model"),
        ("x", "prices.toml: "),
        ("m = 3", "m: expected input and output, in US dollars per million tokens"),
        ("[m]\ninput = 1", "m: expected input and output"),
        ("[llama-3.1-8b]\ninput = 1\noutput = 2", r'llama-3: .*write a name with dots in quotes: \["llama-3.1-8b"\]'),
        ("[m]\ninput = -1\noutput = 1", "m: input: expected a number of US dollars, not -1"),
        ("[m]\ninput = nan\noutput = 1", "m: input: expected a number of US dollars, not nan"),
        ("[m]\ninput = '1'\noutput = 1", "m: input: expected a number of US dollars, not '1'"),
    ],
)
def test_a_file_of_prices_says_what_is_wrong(tmp_path, text, message):
    (tmp_path / "prices.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BatchInputError, match=message):
        read_prices(tmp_path / "prices.toml")


def test_a_file_of_prices_has_models_and_a_default(tmp_path):
    (tmp_path / "a.toml").write_text('["llama-3.1-8b"]\ninput = 0.05\noutput = 0.08\n[default]\ninput=1\noutput=2\n')
    (tmp_path / "a.json").write_text(
        '{"llama-3.1-8b": {"input": 0.05, "output": 0.08}, "default": {"input": 1, "output": 2}}'
    )
    prices = read_prices(tmp_path / "a.toml")
    assert prices == read_prices(tmp_path / "a.json")
    assert prices.find("llama-3.1-8b") == Price(0.05, 0.08)
    assert prices.find(None, "other") == Price(1, 2)
    assert Price(0.05, 0.08).compute_cost(2e6, 1e6) == pytest.approx(0.18)


def test_prices_of_a_server_have_units(serve):
    handler, url = serve()
    pricing = {"input_tokens": 0.5, "output_tokens": 1}
    handler.models = [
        {**MODEL, "pg_pricing": pricing, "pg_aliases": ["alias"]},
        {**MODEL, "id": "million", "pg_pricing": {**pricing, "unit": "per_1m_tokens"}},
        {**MODEL, "id": "unknown", "pg_pricing": {**pricing, "unit": "per_moon"}},
        {**MODEL, "id": "none"},
    ]

    async def fetch():
        async with PolarGrid(base_url=url, api_key="k") as client:
            return await fetch_prices(client)

    prices = asyncio.run(fetch())
    assert prices.models == {"m": Price(500, 1000), "alias": Price(500, 1000), "million": Price(0.5, 1)}
    assert prices.contexts["none"] == 50


def test_estimates_are_upper_ones(tmp_path):
    assert limit_output(build_row(tmp_path, max_tokens=7, n=3)) == 21
    assert limit_output(build_row(tmp_path, max_tokens=7, max_completion_tokens=5)) == 5
    assert (limit_output(build_row(tmp_path)), limit_output(build_row(tmp_path), 50)) == (None, 50)
    embedding = {"url": "/v1/embeddings", "body": {"model": "m", "input": "a"}}
    row = parse_row(Line(1, json.dumps(embedding).encode()), tmp_path)
    assert (uses_tokens(row), limit_output(row)) == (True, 0)
    speech = {"url": "/v1/audio/speech", "body": {"model": "m", "input": "a", "voice": "v"}}
    assert not uses_tokens(parse_row(Line(1, json.dumps(speech).encode()), tmp_path))


def test_rows_under_way_count_with_their_estimates(tmp_path):
    budget = Budget(1.0, Prices({"m": Price(0, 10_000.0)}))
    first, second = build_row(tmp_path, 1, max_tokens=60), build_row(tmp_path, 2, max_tokens=60)
    assert budget.reserve(first) is None
    assert budget.reserve(first) is None
    assert isinstance(budget.reserve(second), BudgetReachedError)
    budget.settle(1, build_result(1))
    assert budget.spent == pytest.approx(0.02)
    assert budget.reserve(second) is None
    budget.settle(2, build_result(2, (0, 0)))
    assert budget.spent == pytest.approx(0.62)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"model": "x", "max_tokens": 1}, "row 1: no price of the model 'x'; give --price-input and --price-output"),
        ({}, r"row 1 has no limit of its response; add max_tokens to its body \(--max-tokens does, with --operation\)"),
    ],
)
def test_a_row_whose_cost_has_no_bound_is_not_sent(serve, body, message):
    handler, url = serve()
    with pytest.raises(BatchInputError, match=message):
        run_rows([chat_row("a", **body)], url, budget=1.0, prices=PRICES)
    assert handler.requests == 0


def test_a_budget_ends_a_run_before_it_is_exceeded(serve, tmp_path):
    """Though many rows could be in flight; and the same run with more goes on, and counts what was spent."""
    handler, url = serve()
    source = write_rows(tmp_path / "in.jsonl", [chat_row(str(number), max_tokens=2) for number in range(40)])
    for ending in ("jsonl", "parquet"):
        handler.counts.clear()
        output = tmp_path / f"out.{ending}"
        prices = Prices({"m": Price(1000.0, 10_000.0)})
        with pytest.raises(
            BudgetReachedError, match=r"the budget of \$0.50 is reached: \$0\.\d+ are spent, and row \d+ may"
        ):
            run_files(source, output, url, budget=0.5, prices=prices)
        status = read_status(output)
        spent = status.rows * COST
        assert status.rows == handler.requests
        assert 0.5 - 0.2 < spent <= 0.5
        with pytest.raises(BudgetReachedError):
            run_files(source, output, url, budget=0.5, prices=prices)
        assert handler.requests == status.rows
        summary = run_files(source, output, url, budget=5.0, prices=prices)
        assert (summary.rows, summary.is_complete) == (40, True)
        assert summary.cost_before == pytest.approx(spent)
        assert summary.cost + summary.cost_before == pytest.approx(40 * COST)
        assert handler.requests == 40


def test_a_budget_takes_the_prices_of_the_server(serve):
    """And the size of the context, for rows without a limit."""
    handler, url = serve()
    handler.models = [{**MODEL, "pg_pricing": {"input_tokens": 1, "output_tokens": 10}}]
    summary = Summary()
    with pytest.raises(BudgetReachedError):
        run_rows([chat_row(str(number)) for number in range(40)], url, summary, budget=1.0)
    assert 0 < summary.succeeded < 40
    assert summary.cost == pytest.approx(summary.succeeded * COST)
    handler.models = []
    with pytest.raises(BatchInputError, match="the server lists no prices; give --price-input"):
        run_rows([chat_row("a")], url, budget=1.0)


def test_failed_rows_cost_nothing_and_give_their_place_back(serve, tmp_path):
    _, url = serve(lambda prompt, _n: error_answer(404) if int(prompt) % 2 else None)
    summary = run_files(
        write_rows(tmp_path / "in.jsonl", [chat_row(str(number), max_tokens=2) for number in range(20)]),
        tmp_path / "out.jsonl", url, budget=10 * COST + 0.2, prices=PRICES,
    )  # fmt: skip
    assert (summary.succeeded, summary.failed, summary.is_complete) == (10, 10, True)
    assert summary.cost == pytest.approx(10 * COST)


def test_results_of_a_model_without_a_price_are_told(serve, tmp_path):
    _, url = serve()
    source = write_rows(tmp_path / "in.jsonl", [chat_row("a", max_tokens=1)])
    run_files(source, tmp_path / "out.jsonl", url)
    with pytest.raises(BatchInputError, match=r"no price of the model 'm', which .*out\.jsonl has results of"):
        run_files(source, tmp_path / "out.jsonl", url, budget=1.0, prices=Prices({"x": Price(1, 1)}))


def test_the_command_adds_costs_up(serve, tmp_path):
    _, url = serve()
    source = write_rows(tmp_path / "in.jsonl", [chat_row(str(number), max_tokens=2) for number in range(10)])
    prices = ("--price-input", 1000, "--price-output", 10_000)
    checked = json.loads(invoke("check", source, *prices, "--json").stdout)
    assert checked["cost"] == pytest.approx(checked["input_tokens"] * 0.001 + 20 * 0.01)
    assert "about $" in invoke("check", source, *prices).output
    words = ("run", source, "-o", tmp_path / "out.jsonl", "--base-url", url, *prices, "--budget", "0.2")
    result = invoke(*words)
    assert result.exit_code == 5
    assert "polargrid batch run: the budget of $0.20 is reached" in result.output
    done = len(read_results(tmp_path / "out.jsonl"))
    result = invoke(*words[:-1], 1)
    assert result.exit_code == 0
    assert f"m: {10 - done} rows, {3 * (10 - done)} + {2 * (10 - done)} tokens, $" in result.output
    assert f"{format_cost(done * COST)} in earlier runs" in result.output
    status = json.loads(invoke("status", tmp_path / "out.jsonl", *prices, "--json").stdout)
    assert math.isclose(status["cost"], 10 * COST)
    assert status["models"]["m"] == {
        "rows": 10,
        "input_tokens": 30,
        "output_tokens": 20,
        "cost": pytest.approx(10 * COST),
    }
    assert "cost\t$0.23\n" in invoke("status", tmp_path / "out.jsonl", *prices).output


def test_the_command_asks_the_server_for_prices(serve, tmp_path):
    """After the run, if no option names them; a server without prices has no costs."""
    handler, url = serve()
    source = write_rows(tmp_path / "in.jsonl", [chat_row("a")])
    words = ("run", source, "--base-url", url, "--json")
    assert json.loads(invoke(*words, "-o", tmp_path / "a.jsonl").stdout)["cost"] is None
    handler.models = [{**MODEL, "pg_pricing": {"input_tokens": 1, "output_tokens": 10}}]
    summary = json.loads(invoke(*words, "-o", tmp_path / "b.jsonl").stdout)
    assert summary["cost"] == pytest.approx(COST)
    assert summary["models"]["m"]["rows"] == 1


def test_prices_belong_together(tmp_path):
    result = invoke("check", write_rows(tmp_path / "in.jsonl", []), "--price-input", 1)
    assert result.exit_code == 2
    assert "--price-input and --price-output belong together" in result.output


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (0, "$0.00"),
        (1234.5, "$1,234.50"),
        (0.5, "$0.50"),
        (0.0231, "$0.023"),
        (5.77e-06, "$0.0000058"),
        (1e-12, "$0.000000000"),
    ],
)
def test_costs_have_no_exponent(cost, expected):
    assert format_cost(cost) == expected
