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

import httpx
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from recorder import Recorder, start_recorder

from polargrid import PolarGrid, PolarGridSync

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


def _options(recorder: Recorder, kind: str) -> dict[str, Any]:
    endpoint = {"region": "yvr-01"} if kind == "region" else {"base_url": recorder.url}
    return {"api_key": KEY, "max_retries": 0, "deadline": 20, **endpoint}


def _run_sync(module: Any, calls: dict[str, Any], recorder: Recorder) -> dict[str, Any]:
    transport = httpx.Client(transport=_Redirect(recorder.url))
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


async def _run_async(module: Any, calls: dict[str, Any], recorder: Recorder) -> dict[str, Any]:
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

    def __init__(self, recorder: Recorder, call: dict[str, Any]) -> None:
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
    value = getattr(value, "content", value)  # of Audio
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {str(key): simplify(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [simplify(item) for item in value]
    return to_jsonable_python(value, fallback=repr)


class _Redirect(httpx.HTTPTransport):
    """Connects to the recorder, whatever the URL; the Host header stays."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(redirect(request, self._url))


class _AsyncRedirect(httpx.AsyncHTTPTransport):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx.URL(url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await super().handle_async_request(redirect(request, self._url))


def redirect(request: httpx.Request, url: httpx.URL) -> httpx.Request:
    """Send a request to another host, under its own Host header."""
    request.url = request.url.copy_with(scheme=url.scheme, host=url.host, port=url.port)
    return request


if __name__ == "__main__":
    main(Path(sys.argv[1]))
