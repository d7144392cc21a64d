"""The usage of an API key."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.responses import Json, to_json_bytes
from polargrid_edge.usage_store import Usage

if TYPE_CHECKING:
    from polargrid_edge.services.context import RequestContext
    from polargrid_edge.usage_store import UsageStore

_log = logging.getLogger("polargrid_edge")

# The length of a period without a start, in days.
_DAYS: Final = 30
# The local edge has no prices.
_COST: Final = 0.0


class UsageService:
    def __init__(self, store: UsageStore, today: Callable[[], date] = lambda: datetime.now(UTC).date()) -> None:
        self._store = store
        self._today = today

    async def get_usage(self, context: RequestContext[None]) -> Response:
        last = context.parameters.end_date or self._today()
        first = context.parameters.start_date or _subtract_days(last, _DAYS - 1)
        if first > last:
            message = f"start_date: {first} is after the end_date {last}"
            raise invalid_request(message, "start_date")
        try:
            usages = await self._store.read(context.key, first, last)
        except (sqlite3.Error, OSError) as error:
            _log.warning("Cannot read usage: %s", error)
            raise EdgeError(
                503, "The usage cannot be read; the log of the edge says why", "usage_unavailable"
            ) from None
        body = {"period": {"start_date": first.isoformat(), "end_date": last.isoformat()}, "usage": summarize(usages)}
        return Response(to_json_bytes(body), media_type="application/json")


def summarize(usages: Iterable[Usage]) -> Json:
    """The usage in total, by model and by region."""
    usages = list(usages)
    return {
        "total_requests": sum(usage.requests for usage in usages),
        "total_tokens": sum(usage.tokens for usage in usages),
        "total_cost": _COST,
        "by_model": [
            {
                "model_id": model,
                "requests": sum(usage.requests for usage in group),
                "tokens": sum(usage.tokens for usage in group),
                "cost": _COST,
            }
            for model, group in _group(usages, lambda usage: usage.model)
        ],
        "by_region": [
            {
                "region": region,
                "requests": sum(usage.requests for usage in group),
                "avg_latency_ms": round(
                    1000 * sum(usage.seconds for usage in group) / sum(usage.requests for usage in group)
                ),
            }
            for region, group in _group(usages, lambda usage: usage.region)
        ],
    }


def _group(usages: Iterable[Usage], key: Callable[[Usage], str]) -> list[tuple[str, list[Usage]]]:
    groups: dict[str, list[Usage]] = {}
    for usage in usages:
        groups.setdefault(key(usage), []).append(usage)
    return sorted(groups.items())


def _subtract_days(day: date, days: int) -> date:
    return date.fromordinal(max(1, day.toordinal() - days))
