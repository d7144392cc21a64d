"""A user's limiter of a client. Type checkers read it; it never runs."""

from collections.abc import Callable

from polargrid import PolarGrid, PolarGridSync
from polargrid_batch import AdaptiveLimiter
from polargrid_runtime.limiter import Admission, AttemptResult, Limiter


class Ticket:
    def poll(self) -> float:
        return 0.0

    def end(self, result: AttemptResult) -> None:
        print(result.status, result.error)


class Turnstile:
    def admit(self, base_url: str, wake: Callable[[], object]) -> Ticket:  # noqa: ARG002 - of the protocol
        return Ticket()


def create() -> None:
    PolarGrid(limiter=AdaptiveLimiter(ceiling=64, max_requests_per_minute=600))
    PolarGridSync(limiter=Turnstile())
    limiter: Limiter = AdaptiveLimiter()
    admission: Admission = limiter.admit("http://127.0.0.1", lambda: None)
    admission.end(AttemptResult(200))
    PolarGrid(limiter=32)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
