"""The servers that the limiter is measured against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qa.limiter_sim.servers import Phase, Plan


@dataclass(frozen=True)
class Scenario:
    """Servers by region, and how many workers send to them for how long."""

    name: str
    plans: Mapping[str, Plan]
    seconds: float = 600.0
    workers: int = 1
    ceiling: int = 512
    client_busy: float = 0.0
    """Seconds of each half second in which the workers do not run: what arrives is read later, together."""


def steady(places: int) -> Callable[[float], int]:
    return lambda _now: places


def changing(*steps: tuple[float, int]) -> Callable[[float], int]:
    """Places from a time on."""

    def places(now: float) -> int:
        return [count for start, count in steps if start <= now][-1]

    return places


def every(period: float, length: float, end: float = 600.0) -> tuple[Phase, ...]:
    return tuple((start, start + length) for start in range(int(period), int(end), int(period)))


def one(name: str, plan: Plan, **options: float) -> Scenario:
    return Scenario(name, {"a": plan}, **options)  # type: ignore[arg-type]


SCENARIOS = (
    *(one(f"{places} places", Plan(steady(places))) for places in (4, 32, 256)),
    *(
        one(f"{places} places, rows of 0.1 s", Plan(steady(places), seconds=0.1), seconds=120.0)
        for places in (4, 32, 256)
    ),
    *(
        one(f"{places} places, rows of 10 s", Plan(steady(places), seconds=10.0), seconds=3600.0)
        for places in (4, 32, 256)
    ),
    one("32 places, Retry-After: 1", Plan(steady(32), retry_after=1.0)),
    one("256 places, Retry-After: 1", Plan(steady(256), retry_after=1.0)),
    one("32 places and a line of 32", Plan(steady(32), line=32)),
    one("256, then 32, then 256 places", Plan(changing((0, 256), (200, 32), (400, 256)))),
    *(
        one(
            f"{places} places, {status} storms{', Retry-After: 5' if after else ''}{', rows break' if breaks else ''}",
            Plan(steady(places), storms=every(60, 5), storm_status=status, retry_after=after, breaks=breaks),
        )
        for status in (429, 503)
        for places in (4, 32, 256)
        for after, breaks in ((None, False), (5.0, False), (None, True))
        if not (breaks and status == 429)
    ),
    one("32 places, slow for 60 s", Plan(steady(32), slow=((200, 260),))),
    one("256 places, slow for 60 s", Plan(steady(256), slow=((200, 260),))),
    one("32 places, dies for 30 s twice", Plan(steady(32), outages=((100, 130), (300, 330)))),
    one("256 places, dies for 30 s twice", Plan(steady(256), outages=((100, 130), (300, 330)))),
    *(
        one(f"{places} places, rows of {time:g} s, dies each 20 s", Plan(steady(places), time, outages=every(20, 2)))
        for places, time in ((4, 1.0), (32, 1.0), (256, 4.0))
    ),
    *(
        one(f"{places} places, busy client, rows of {time:g} s", Plan(steady(places), seconds=time), client_busy=0.2)
        for places in (32, 256)
        for time in (0.2, 1.0)
    ),
    one("256 places, 6,000 rows a minute", Plan(steady(256), rows_per_minute=6000)),
    Scenario("regions of 8 and 64 places", {"a": Plan(steady(8)), "b": Plan(steady(64), seconds=2.0)}),
    Scenario(
        "regions of 32 and 64 places, one dies",
        {"a": Plan(steady(32)), "b": Plan(steady(64), seconds=2.0, outages=((100, 200),))},
    ),
    *(
        one(f"200 workers, {places} places", Plan(steady(places)), workers=200, seconds=300.0)
        for places in (32, 256, 1024)
    ),
    one("200 workers, 4096 places", Plan(steady(4096), seconds=4.0), workers=200, seconds=300.0),
)
