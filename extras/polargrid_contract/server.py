"""The server under test: asking it, by operation, and keeping what went over the wire."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from typing import Any, Literal

import httpx

from polargrid_contract.check import Fault, NotOffered, Profile
from polargrid_contract.exchange import Arrival, Exchange, Upload

Kind = Literal["chat", "text-to-speech", "speech-to-text"]
_TYPES: dict[Kind, tuple[str, ...]] = {
    "chat": ("chat", "text-generation"),
    "text-to-speech": ("text-to-speech",),
    "speech-to-text": ("speech-to-text",),
}
# Where a list of models does not say what each is for, its name does.
_NAMES: dict[Kind, tuple[str, ...]] = {
    "chat": (),
    "text-to-speech": ("tts", "kokoro", "speech", "tada"),
    "speech-to-text": ("whisper", "stt", "transcribe"),
}
# What a server answers where it does not have an operation.
_ABSENT = (404, 405, 501)


@dataclass(frozen=True)
class Target:
    """Where a server is, and what may be asked of it. Models that are not named are found by asking."""

    url: str
    api_key: str = field(repr=False)
    profile: Profile = "polargrid"
    models: Mapping[Kind, str] = field(default_factory=dict)
    read_only: bool = False
    timeout: float = 60.0


def specification() -> dict[str, Any]:
    """openapi.yaml, as it is shipped."""
    text = resources.files("polargrid_generated").joinpath("openapi.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


class Server:
    """Asks one server. Every call has a connection of the pool, a timeout, and an Exchange to show for it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.client = httpx.Client(
            timeout=target.timeout,
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": "identity"},  # bytes are judged as they come
            # A connection for each exchange: one that the server closed meanwhile would look like a fault.
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self.exchanges = 0

    def close(self) -> None:
        self.client.close()

    @cached_property
    def places(self) -> dict[str, tuple[str, str]]:
        """Method and path of every operation, by operationId."""
        return {
            operation["operationId"]: (method.upper(), path)
            for path, item in specification()["paths"].items()
            for method, operation in item.items()
        }

    def ask(
        self,
        operation: str,
        body: Any = None,
        *,
        key: str | None = "",
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        upload: Upload | None = None,
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        path: str | None = None,
        leave_after: Callable[[bytes], bool] | None = None,
    ) -> Exchange:
        """One exchange. `key` "" is the right one, None is none; `leave_after` hangs up once it says so of the bytes.

        A connection that breaks is told in `cut` (status 0 where nothing came); only a server that cannot be
        connected to raises httpx.ConnectError.
        """
        usual_method, usual_path = self.places[operation]
        request_headers = dict(headers or {})
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            request_headers.setdefault("content-type", "application/json")
        request = self.client.build_request(
            method or usual_method,
            self.target.url.rstrip("/") + (path or usual_path),
            headers={**request_headers, **self._authorization(key)},
            content=content,
            data=dict(form) if form is not None else None,
            files={"file": (upload.name, upload.data, upload.media_type)} if upload is not None else None,
        )
        shown = {name: value for name, value in request_headers.items() if name.lower() != "authorization"}
        sent = "right" if key == "" else "none" if key is None else "other"
        blank = Exchange(operation, request.method, str(request.url), shown, content, form, upload, key=sent)
        return self._answered(blank, request, leave_after)

    def offered(self, exchange: Exchange) -> Exchange:
        """The exchange, if the server has the operation; raises NotOffered where the profile lets it be absent."""
        if self.target.profile == "openai" and exchange.status in _ABSENT:
            raise NotOffered(f"{exchange.method} {exchange.url} answers {exchange.status}")
        return exchange

    def model(self, kind: Kind) -> str:
        """The model to ask for this kind of work: as named, else the smallest that the server lists for it."""
        if kind in self.target.models:
            return self.target.models[kind]
        listed = sorted(self._listed(kind), key=lambda model: model.get("pg_parameters") or float("inf"))
        if not listed:
            raise NotOffered(f"no model for {kind} is listed")
        return str(listed[0]["id"])

    def fault(self, exchange: Exchange, *, expected: str, came: str) -> Fault:
        """A fault that this exchange shows."""
        return Fault(exchange.operation, expected, came, exchange, exchange.curl)

    @cached_property
    def listed(self) -> list[dict[str, Any]]:
        """What list_models tells; empty where it tells nothing that can be read."""
        answer = self.ask("list_models").json()
        models = answer.get("data") if isinstance(answer, dict) else None
        return [model for model in models or [] if isinstance(model, dict) and isinstance(model.get("id"), str)]

    def _listed(self, kind: Kind) -> Iterator[dict[str, Any]]:
        for model in self.listed:
            told = model.get("pg_model_type")
            if told in _TYPES[kind] or (told is None and self._named_for(kind, model["id"])):
                yield model

    def _named_for(self, kind: Kind, name: str) -> bool:
        others = [word for words in _NAMES.values() for word in words]
        words = _NAMES[kind]
        return any(word in name.lower() for word in words) if words else not any(w in name.lower() for w in others)

    def _authorization(self, key: str | None) -> dict[str, str]:
        if key is None:
            return {}
        return {"Authorization": f"Bearer {key or self.target.api_key}"}

    def _answered(
        self, asked: Exchange, request: httpx.Request, leave_after: Callable[[bytes], bool] | None
    ) -> Exchange:
        self.exchanges += 1
        started = time.perf_counter()
        arrivals: list[Arrival] = []
        answer: dict[str, Any] = {}
        try:
            with self._opened(request) as response:
                names = [name.decode("latin-1").lower() for name, _ in response.headers.raw]
                answer["status"], answer["answer_headers"] = response.status_code, dict(response.headers)
                answer["repeated"] = tuple({name for name in names if names.count(name) > 1})
                for data in response.iter_raw():
                    arrivals.append(Arrival(time.perf_counter() - started, data))
                    if leave_after and leave_after(b"".join(arrival.data for arrival in arrivals)):
                        break
        except httpx.ConnectError:
            raise
        except (httpx.HTTPError, httpx.StreamError, ValueError, OSError) as error:
            answer["cut"] = f"{type(error).__name__}: {error}"
        return replace(asked, arrivals=tuple(arrivals), seconds=time.perf_counter() - started, **answer)

    @contextmanager
    def _opened(self, request: httpx.Request) -> Iterator[httpx.Response]:
        response = self.client.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()
