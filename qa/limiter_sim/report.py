"""The result of a scenario as a line, and the bounds that it misses."""

from __future__ import annotations

from qa.limiter_sim.run import Comparison

LEAST_SHARE, MOST_REFUSALS = 0.95, 0.3
HEADER = (
    f"{'scenario':42} {'rows':>8} {'ideal':>8} {'share':>6}  {'refusals':>8} {'of one':>6} {'broken':>6} {'lost':>4}\n"
    f"{'':42} {'':>8} {'':>8} {'':>6}  {'a row':>8} {'row':>6} {'':>6} {'':>4}"
)


def format_line(comparison: Comparison) -> str:
    """Return the line of a scenario."""
    result, ideal = comparison.result, comparison.ideal
    return (
        f"{comparison.scenario.name:42} {result.rows:8,} {ideal.rows:8,} {comparison.share:6.1%}  "
        f"{result.refusals_a_row:8.4f} {result.most_refusals:6} {result.by_outcome['unreachable']:6} {result.lost:4}"
    )


def find_missed(comparison: Comparison) -> list[str]:
    """Return the bounds that a scenario misses."""
    result, name = comparison.result, comparison.scenario.name
    missed = []
    if comparison.share < LEAST_SHARE:
        missed.append(f"{name}: {comparison.share:.1%} of the ideal")
    if result.refusals_a_row > MOST_REFUSALS:
        missed.append(f"{name}: {result.refusals_a_row:.3f} refusals a row")
    if result.lost:
        missed.append(f"{name}: {result.lost} rows lost")
    return missed
