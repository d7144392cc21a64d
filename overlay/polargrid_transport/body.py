"""Bodies with files, as httpx and polargrid_fast take them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from polargrid_codec.encoding import EncodedRequest
from polargrid_transport.libraries import load_library


@contextmanager
def open_body(request: EncodedRequest) -> Iterator[dict[str, Any]]:
    """A body with files that can be sent again; they are open until the block ends.

    A form is the argument `files` of httpx.Request, another body `content` (bytes, or a file) with its `length`.
    """
    with ExitStack() as stack:
        files = [(field, upload, stack.enter_context(upload.open())) for field, upload in request.uploads]
        if request.form is not None:
            yield form_parts(request, [(field, (item.name, file, item.media_type)) for field, item, file in files])
        elif isinstance(files[0][1].source, bytes):
            yield {"content": files[0][1].source}
        else:
            file = files[0][2]
            length = file.seek(0, os.SEEK_END)
            file.seek(0)
            yield {"content": file, "length": length}


def form_parts(request: EncodedRequest, files: list[tuple[str, Any]]) -> dict[str, Any]:
    """A form as arguments of httpx.Request: an empty one has no body."""
    fields = [(part.name, (None, part.text, part.media_type)) for part in request.form or ()]
    return {"files": fields + files} if fields or files else {}


def encode_form(form: Mapping[str, Any]) -> tuple[Callable[[], Iterator[bytes]], int | None, str]:
    """A form as a body for polargrid_fast: its pieces, its length if it is known, its Content-Type."""
    request = load_library("httpx").Request("POST", "http://form", **form)
    length = request.headers.get("content-length")
    return lambda: iter(request.stream), int(length) if length else None, request.headers["content-type"]
