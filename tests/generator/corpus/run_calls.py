"""Makes the calls of a module with both clients, and prints what was sent and returned: python run_calls.py FOLDER."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import traceback
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

KEY = "pg_corpus_0123456789"


def main(folder: Path) -> None:
    """Read calls.json, which has the responses of each function of calls.py; write outcomes.json."""
    sys.path.insert(0, str(folder))
    calls = json.loads((folder / "calls.json").read_text(encoding="utf-8"))
    outcomes: dict[str, Any] = {}
    with start_recorder() as recorder:
        module = import_module("calls")
        outcomes |= _run_sync(module, calls, recorder)
        outcomes |= asyncio.run(_run_async(module, calls, recorder))
    (folder / "outcomes.json").write_text(json.dumps(outcomes), encoding="utf-8")


def _options(recorder: Any, kind: str) -> dict[str, Any]:
    endpoint = {"region": "yvr-01"} if kind == "region" else {"base_url": recorder.url}
    return {"api_key": KEY, "max_retries": 0, "deadline": 20, **endpoint}


def _run_sync(module: Any, calls: dict[str, Any], recorder: Any) -> dict[str, Any]:
    import httpx

    from polargrid import PolarGridSync

    transport = httpx.Client(transport=_SyncRedirect(recorder.url))
    clients = {
        "own": PolarGridSync(**_options(recorder, "own")),
        "region": PolarGridSync(**_options(recorder, "region"), http_client=transport),
    }
    outcomes = {}
    for name, call in calls.items():
        with _Watch(recorder, call) as watch:
            watch.result = getattr(module, f"sync_{name}")(clients[call["client"]])
        outcomes[f"sync_{name}"] = watch.outcome
    for client in clients.values():
        client.close()
    transport.close()
    return outcomes


async def _run_async(module: Any, calls: dict[str, Any], recorder: Any) -> dict[str, Any]:
    import httpx

    from polargrid import PolarGrid

    transport = httpx.AsyncClient(transport=_AsyncRedirect(recorder.url))
    clients = {
        "own": PolarGrid(**_options(recorder, "own")),
        "region": PolarGrid(**_options(recorder, "region"), http_client=transport),
    }
    outcomes = {}
    for name, call in calls.items():
        with _Watch(recorder, call) as watch:
            watch.result = await getattr(module, f"async_{name}")(clients[call["client"]])
        outcomes[f"async_{name}"] = watch.outcome
    for client in clients.values():
        await client.close()
    await transport.aclose()
    return outcomes


class _Watch:
    """Scripts the server for one call, and keeps what happens."""

    def __init__(self, recorder: Any, call: dict[str, Any]) -> None:
        self._recorder, self._answers = recorder, call["answers"]
        self.result: Any = None
        self.outcome: dict[str, Any] = {}
        self._warnings = warnings.catch_warnings(record=True)

    def __enter__(self) -> _Watch:
        self._recorder.script(self._answers)
        self._caught: Any = self._warnings.__enter__()
        warnings.simplefilter("always")
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        self._warnings.__exit__()
        self.outcome = {
            "requests": self._recorder.requests,
            "warnings": [
                {"message": str(item.message), "category": item.category.__name__, "file": Path(item.filename).name}
                for item in self._caught
            ],
        }
        if error is None:
            self.outcome["result"] = simplify(self.result)
            return True
        names = [base.__name__ for base in type(error).__mro__]
        self.outcome["error"] = {"names": names, "message": str(error), "traceback": _last_lines(error)}
        return isinstance(error, Exception)


def _last_lines(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)[-4:])


def simplify(value: Any) -> Any:
    """Return a result as JSON: the fields that were sent, dates and ids as text, bytes as {"base64": ...}."""
    from pydantic import BaseModel
    from pydantic_core import to_jsonable_python

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {str(key): simplify(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [simplify(item) for item in value]
    content = getattr(value, "content", None)
    if isinstance(content, bytes):
        return simplify(content)
    try:
        return to_jsonable_python(value)
    except ValueError:
        return repr(value)


def _redirecting(base: type[Any]) -> type[Any]:
    """A transport of httpx that connects to the recorder, whatever the URL; the Host header stays."""
    import httpx

    class Redirect(base):  # type: ignore[misc]
        def __init__(self, url: str) -> None:
            super().__init__()
            self._url = httpx.URL(url)

        def _redirect(self, request: Any) -> Any:
            request.url = request.url.copy_with(scheme="http", host=self._url.host, port=self._url.port)
            return request

    return Redirect


def _SyncRedirect(url: str) -> Any:  # noqa: N802 - a class that is created when httpx is imported
    import httpx

    class Redirect(_redirecting(httpx.HTTPTransport)):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            return super().handle_request(self._redirect(request))

    return Redirect(url)


def _AsyncRedirect(url: str) -> Any:  # noqa: N802 - as above
    import httpx

    class Redirect(_redirecting(httpx.AsyncHTTPTransport)):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            return await super().handle_async_request(self._redirect(request))

    return Redirect(url)


if __name__ == "__main__":
    from recorder import start_recorder

    main(Path(sys.argv[1]))
