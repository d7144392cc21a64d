"""`FakeEdge`: a scripted edge on a loopback port, and in the process."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from polargrid_testing.arguments import check_key, check_times
from polargrid_testing.fake import active_faults, scripting
from polargrid_testing.fake.active_faults import ActiveFault, ActiveFaults
from polargrid_testing.fake.answer_scripts import AnswerScripts
from polargrid_testing.fake.handler import FakeHandler
from polargrid_testing.fake.unscripted import build_failure
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.server import LoopbackServer

if TYPE_CHECKING:
    import httpx

    from polargrid import PolarGrid, PolarGridSync

API_KEY: Final = "pg_fake_key"


class FakeEdge(AnswerScripts):
    """An edge that answers as its rules say. It listens as soon as it exists, until `close`.

    Of the rules that match a request the newest answers, as in WireMock: a fixture scripts what most tests need, and a
    test overrides a part of it. A rule with `times` is not there any more when it is used up.

    A request that no rule answers gets status 501 with a line of Python that scripts it, and `check` raises
    `UnscriptedRequestError`, also if the program ignored the error. The end of a `with` block checks, too.

    Times and ids are the same in each run. Of the methods that script, each returns its `Rule`, and

    - `when` is a text that the last message (or the prompt, or the input) contains, or a function of the request;
    - `times` is how many requests the rule answers; None: all;
    - `validate=False` permits answers that are not valid by openapi.yaml; they raise `InvalidAnswerError` otherwise.

    An answer is a value, a list of values to give one after the other (the last again and again), or a function that
    gets the `ReceivedRequest` and returns a value. An `Answer` is sent as it is.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        port: int = 0,
        address: str = "127.0.0.1",
        host: str | None = None,
        tls: bool = False,
        name: str = "fake",
        on_unscripted: Callable[[str], object] | None = None,
        record: bool = True,
    ) -> None:
        """Start to listen.

        Args:
            api_key: The only key that is accepted; None: any.
            port: The port; 0: a free one.
            address: The IP address.
            host: A name of the server, for its URL; this process finds it by this name.
            tls: Serve HTTPS; clients need `ssl_context`.
            name: The variable of the fake in the lines of Python that messages contain.
            on_unscripted: Called with a sentence about each request that no rule answers, on the thread of the server.
            record: Keep the requests, and what went wrong, in memory: for `requests` and `check`.
        """
        scripting.require_extra()
        check_key(api_key)
        self.api_key = API_KEY if api_key is None else api_key
        self.ssl_context: ssl.SSLContext | None = None
        """What clients need for the certificate of a fake with `tls`: `PolarGrid(ssl_context=...)`."""
        server_context: ssl.SSLContext | None = None
        if tls:
            from polargrid_testing.certificates import client_context, server_context as create_context

            server_context, self.ssl_context = create_context(), client_context()
        super().__init__(FakeHandler(api_key, name, on_unscripted, is_recording=record))
        self._server = LoopbackServer(self._handler, port=port, ssl_context=server_context, host=host, address=address)
        self._faults = ActiveFaults(self._server, self._handler.faults, self._handler.lock)
        self.url = self._server.url

    # What goes wrong

    def fault(self, name: str, /, *, on: str | None = None, times: int | None = 1, **options: Any) -> ActiveFault:
        """Let something go wrong: the next time, `times` times, or with `times=None` always.

        The names and the options are in `polargrid_testing.faults.FAULTS`; `polargrid fake --list-faults` prints them.

        Args:
            name: The name: `stream-cut`.
            on: The operationId of the requests that it is for; default: all.
            times: How often.
            options: Options of the fault: `after=3`.
        """
        from polargrid_testing.faults import bind_fault

        check_times(times)
        bound = bind_fault(name, **options)
        if on is not None:
            scripting.check_operation(on)
            if bound.phase not in ("head", "response"):
                raise ValueError(f"on: {name!r} happens before there is a request; expected no operation, got {on!r}")
        return self._faults.start(bound, on, times)

    # What it received

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Every request that it received, in order."""
        with self._handler.lock:
            return list(self._handler.requests)

    def requests_for(self, operation: str) -> list[ReceivedRequest]:
        """Return the requests of an operation, in order."""
        scripting.check_operation(operation)
        return [request for request in self.requests if request.operation == operation]

    def check(self) -> None:
        """Raise what went wrong since the last check.

        Raises `UnscriptedRequestError` for requests that no rule answered, the first exception of a function of the
        script, or `InvalidAnswerError` for what it returned, and `UnusedFaultError` for faults that did not happen.
        """
        self._check(self._faults.list_unused())

    def _check(self, unused: Sequence[ActiveFault]) -> None:
        with self._handler.lock:
            errors, unscripted = self._handler.errors, self._handler.unscripted
            self._handler.errors, self._handler.unscripted = [], []
        if errors:
            raise errors[0]
        if unscripted:
            raise build_failure(unscripted)
        if unused:
            raise active_faults.build_failure(unused, self.requests)

    def reset(self) -> None:
        """Forget all rules, faults and requests."""
        self._faults.close()
        self._handler.clear()

    # How it is reached

    def client(self, **options: Any) -> PolarGridSync:
        """Return a client of this fake; the caller closes it. The options are those of `PolarGridSync`."""
        from polargrid import PolarGridSync

        return PolarGridSync(**self._client_options(options))

    def async_client(self, **options: Any) -> PolarGrid:
        """Return an async client of this fake; the caller closes it. The options are those of `PolarGrid`."""
        from polargrid import PolarGrid

        return PolarGrid(**self._client_options(options))

    def _client_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        tls = {} if self.ssl_context is None else {"ssl_context": self.ssl_context}
        return {"base_url": self.url, "api_key": self.api_key, **tls, **options}

    def http_client(self, library: Any = None, **options: Any) -> httpx.Client:
        """Return an httpx.Client that reaches this fake in the process, without a socket; pass `httpx2` for its client.

        Time does not pass there: a pause that is longer than the read timeout raises ReadTimeout at once.
        """
        from polargrid_testing.fake.memory import build_client

        client: httpx.Client = build_client(self._handler, self.url, library, is_async=False, **options)
        return client

    def async_http_client(self, library: Any = None, **options: Any) -> httpx.AsyncClient:
        """Return an httpx.AsyncClient that reaches this fake in the process, as `http_client` does."""
        from polargrid_testing.fake.memory import build_client

        client: httpx.AsyncClient = build_client(self._handler, self.url, library, is_async=True, **options)
        return client

    def close(self) -> None:
        """Stop to listen, and close all connections. It does not check."""
        self._faults.close()
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        unused = self._faults.list_unused()
        self.close()
        if error is None:
            self._check(unused)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)
