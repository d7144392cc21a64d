"""Records the traffic of a block of code once, and replays it: `with cassette("tests/cassettes/chat.yaml"): ...`."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import anyio.to_thread

from polargrid._endpoints import resolve_endpoints
from polargrid._environment import read_environment
from polargrid_testing.cassettes import seam
from polargrid_testing.cassettes.environment import KEY_VARIABLE, REPLAY_KEY, list_changes, variables
from polargrid_testing.cassettes.errors import CassetteMismatchError
from polargrid_testing.cassettes.files import load_cassette, require_writable, save_cassette
from polargrid_testing.cassettes.handler import CassetteHandler
from polargrid_testing.cassettes.modes import RecordMode, describe_mode, resolve_mode
from polargrid_testing.cassettes.recording import Interaction
from polargrid_testing.cassettes.redaction import Redactor
from polargrid_testing.cassettes.tape import SharedRun, Tape
from polargrid_testing.cassettes.upstream import Route, Upstream
from polargrid_testing.server import LoopbackServer

_saving = Lock()  # cassettes of one file, in threads


class Cassette:
    """A file of recorded traffic, and the server that replays or records it while a block runs.

    All clients of this process send to it, on every transport; other processes by POLARGRID_BASE_URL, which is set for
    the block. A block that raises leaves the file as it was.
    """

    url = ""

    def __init__(
        self,
        path: str | os.PathLike[str],
        record: RecordMode | None = None,
        *,
        times: bool = False,
        allow_unused: bool = True,
    ) -> None:
        """Describe a cassette; it is opened by `with` or `async with`.

        Args:
            path: The file.
            record: `once` records if there is no file, `new` adds what the file does not have, `all` records
                everything again, `none` records nothing. Default: `once`, or `none` where the variable CI is set.
                `--polargrid-record` of pytest and the variable POLARGRID_RECORD override it.
            times: Whether a replayed response takes its time, piece by piece. Otherwise it comes at once.
            allow_unused: Whether the program may leave out recorded requests.
        """
        self.path = Path(path)
        self._record, self._times, self._allow_unused = record, times, allow_unused
        self._opened: Tape | None = None
        self._process_id = 0  # of the process in which it is active

    def __repr__(self) -> str:
        return f"<Cassette {self.path}>"

    @property
    def _tape(self) -> Tape:
        if self._opened is None:
            raise RuntimeError(f"{self!r} is not open; open it with `with`, `async with` or start()")
        return self._opened

    @property
    def mode(self) -> RecordMode:
        """The mode, after options and variables."""
        return self._tape.mode

    @property
    def is_recording(self) -> bool:
        """Whether a request that the file does not have is sent to its server."""
        return self._tape.is_recording

    @property
    def mismatches(self) -> tuple[str, ...]:
        """A message for each request that was refused, because it is not in the file."""
        return tuple(self._tape.mismatches)

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """What the file has; after a recording, what it holds now."""
        return tuple(self._tape.interactions)

    @property
    def unused(self) -> tuple[Interaction, ...]:
        """What was not replayed yet."""
        return tuple(self._tape.unused)

    def start(self) -> None:
        """Open it.

        Raises ValueError for an unknown mode, `CassetteFormatError` for a file that is no cassette, OSError for a file
        that cannot be written if it has to be, and RuntimeError if it is open.
        """
        if self._process_id:
            raise RuntimeError(f"{self!r} is open already; for another block, create another one")
        mode = resolve_mode(self._record)
        self._file = self.path.absolute()  # the program may change its folder
        recorded = load_cassette(self._file, must_parse=mode != "all")
        tape = Tape(str(self.path), mode, recorded, reason=describe_mode(self._record))
        if tape.is_recording:
            require_writable(self._file)
        environ = variables.read_outside()
        origin = resolve_endpoints(read_environment(environ), {})[0].base_url
        self._opened, self._redactor, self._upstream = tape, Redactor(), Upstream()
        self._redactor.note(environ.get(KEY_VARIABLE, ""), REPLAY_KEY)
        self._handler = CassetteHandler(tape, self._upstream, self._redactor, origin, times=self._times)
        self._server = LoopbackServer(self._handler)
        self._process_id = os.getpid()
        self.url = self._server.url
        variables.push(self, list_changes(self.url, environ, is_recording=tape.is_recording))
        seam.activate(self)

    def stop(self, *, keep: bool) -> None:
        """Close it, and write what was recorded if it is to be kept. Raises RuntimeError if it is not open."""
        if not self._process_id:
            raise RuntimeError(f"{self!r} is not open")
        is_child, self._process_id = self._process_id != os.getpid(), 0
        seam.deactivate(self)
        variables.pop(self)
        if is_child:  # a fork has neither the server nor what it recorded
            return
        try:
            recorded = self._handler.finish()
        finally:
            self._server.close()
        if keep and self._tape.is_recording:
            with _saving:
                interactions = self._tape.merge(recorded, load_cassette(self._file, must_parse=False) or ())
                if interactions is not None:
                    save_cassette(self._file, interactions)

    def share(self, run: SharedRun, test: str) -> None:
        """Record beside what other tests of a run record in the same file: for the plugin of pytest."""
        self._tape.share(run, test)

    def check(self) -> None:
        """Raise `CassetteMismatchError` for requests that the file does not have, and for unused ones if asked to."""
        if self.mismatches:
            raise CassetteMismatchError(self.mismatches)
        if not self._allow_unused and self.unused:
            lines = [f"{item.request.method} {item.request.path}" for item in self.unused]
            raise CassetteMismatchError([f"{self.path}: recorded, but not requested: {', '.join(lines)}"])

    def accepts(self, base_url: str) -> bool:  # noqa: ARG002 - it takes all
        """Whether it takes the requests for a server: for the seam."""
        return True

    def note_attempt(self, origin: str, key: str, route: Route) -> str:
        """Note the key of a request, and how its server is reached; return a name of the route: for the seam."""
        self._redactor.note(key)
        return self._upstream.note_route(origin, route)

    def _finish(self, error: BaseException | None) -> None:
        self.stop(keep=error is None)
        if error is None or (isinstance(error, Exception) and self.mismatches):
            self.check()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(error)

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seam.deactivate(self)  # here, as the context of the thread is a copy of this task's, which would keep it
        with anyio.CancelScope(shield=True):
            # The end of a response that is recorded may take a second.
            await anyio.to_thread.run_sync(self._finish, error)


cassette = Cassette
