"""The server that `polargrid contract` checks: its URL, key and models as arguments, or a local edge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import click

LOCAL_KEY = "pg_local"  # `polargrid serve` accepts it on loopback; servers without authentication ignore it
LOCAL_MODEL, LOCAL_TOKENS = "smollm2-135m", 48


@contextmanager
def open_server(url: str | None) -> Iterator[str]:
    """Yield the base URL of the server; without URL, start a local edge."""
    if url is not None:
        yield parse_url(url)
        return
    import logging

    from polargrid_contract.runner import UnreachableError
    from polargrid_edge.server import run_in_thread
    from polargrid_edge.settings import EdgeSettings

    for name in ("python_multipart", "uvicorn.error"):  # they warn of every malformed request that a check sends
        logging.getLogger(name).setLevel(logging.ERROR)
    with ExitStack() as stack:
        try:
            settings = EdgeSettings(port=0, chat_model=LOCAL_MODEL, max_output_tokens=LOCAL_TOKENS)
            edge = stack.enter_context(run_in_thread(settings))
        except (OSError, RuntimeError, ValueError) as error:
            raise UnreachableError(f"cannot start the local edge: {error}") from error
        yield edge.url


def parse_model(text: str) -> tuple[str, str]:
    """Return the kind and the name in `KIND=NAME`; a kind is one that `x-model` of an operation names."""
    from polargrid_contract.document import load_document
    from polargrid_contract.operations import read_operations

    kind, _, name = text.partition("=")
    uses = (operation.model for operation in read_operations(load_document()).values())
    kinds = sorted({use.kind for use in uses if use and use.kind})
    if kind not in kinds or not name:
        raise click.UsageError(f"invalid model {text!r}; expected KIND=NAME with a kind of: {', '.join(kinds)}")
    return kind, name


def parse_url(url: str) -> str:
    """Return the URL without trailing slash and without `/v1`, the prefix of every path."""
    import httpx

    try:
        urlsplit(url)  # rejects unbalanced brackets, which httpx escapes
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise click.UsageError(f"invalid URL {url!r}: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise click.UsageError(f"invalid server URL {url!r}; expected one like http://127.0.0.1:55111")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise click.UsageError("the URL may have scheme, host, port and path only; pass a key with --api-key")
    return str(parsed).rstrip("/").removesuffix("/v1").rstrip("/")


def validate_key(key: str) -> str:
    """Return the key; raise UsageError if it cannot be sent."""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise click.UsageError("the API key contains characters that are not allowed in a header")
    return key
