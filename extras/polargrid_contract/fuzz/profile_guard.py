"""Keeps schemathesis within the operations of a profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import requests

from polargrid_contract.document import ROUTES
from polargrid_contract.routing import OutsideProfileError, Route, find_refusal

_PROBE = "X-Schemathesis-Probe"


class ProfileGuard:
    """Refuses requests that are none of the profile's operations, in the process of schemathesis.

    A hook filters the generated cases. A session is the one place that schemathesis' own requests pass as well: before
    a run it probes the server with two unknown paths.
    """

    def __init__(self) -> None:
        self._routes: Sequence[Route] = ()

    @property
    def is_active(self) -> bool:
        """Whether the profile is a part of the document."""
        return bool(self._routes)

    def install(self, schema: Any) -> None:
        """Guard every session, if the document of the schema has routes: those of the profile, and the others."""
        self._routes = [Route(*route) for route in schema.raw_schema.get(ROUTES, ())]
        if not self._routes:
            return
        guard, send = self, requests.Session.send

        def send_if_allowed(
            self: requests.Session, request: requests.PreparedRequest, **kwargs: Any
        ) -> requests.Response:
            target = request.path_url.removeprefix(urlsplit(schema.get_base_url()).path.rstrip("/"))
            if refusal := guard.find_refusal(str(request.method), target):
                if _PROBE in request.headers:  # schemathesis goes on as if the server did not respond to it in time
                    raise requests.ConnectTimeout(refusal, request=request)
                raise OutsideProfileError(refusal)
            return send(self, request, **kwargs)

        requests.Session.send = send_if_allowed  # type: ignore[method-assign]

    def find_refusal(self, method: str, target: str) -> str:
        """Describe why a request may not be sent; empty if it may."""
        return find_refusal(self._routes, method.upper(), target) if self._routes else ""
