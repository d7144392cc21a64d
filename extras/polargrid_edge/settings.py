"""The settings of a local edge."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

from polargrid_edge.origins import is_loopback, parse_authority, parse_origin
from polargrid_edge.setting import list_settings, setting
from polargrid_edge.sources import ModelSource, UpstreamSource, parse_alias

LOCAL_KEY: Final = "pg_local"
"""The default key of an edge on a loopback address: it prevents mistakes, not access."""


def _spare_cores() -> int:
    # When two busy backends use all cores, both become very slow: leave one to the rest of the machine.
    return max(1, (os.cpu_count() or 2) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSettings:
    """The settings of an edge. Raises `ValueError` for an invalid value or combination.

    Each is declared here once: from the declaration come the option of `polargrid serve`, the environment variable
    `POLARGRID_EDGE_…` and the key of a settings file. The usage of the keys is kept in the folder `data`, or without
    one in memory.
    """

    host: str = setting("127.0.0.1", help="Address to listen on.")
    port: int = setting(55111, minimum=0, maximum=65535, help="0 picks a free port.")
    keys: frozenset[str] = setting(
        frozenset({LOCAL_KEY}),
        secret=True,
        flag="--key",
        metavar="KEY",
        default_text=f"{LOCAL_KEY} on loopback",
        help="API key to accept.",
    )
    allow_origins: frozenset[str] = setting(
        frozenset(),
        flag="--allow-origin",
        metavar="ORIGIN",
        help="Origin of web pages that may use the edge, such as http://localhost:3000.",
    )
    chat_model: str = setting("qwen2.5-coder-0.5b", metavar="NAME", help="Model behind llama-3.1-8b.")
    models: tuple[ModelSource, ...] = setting(
        (), flag="--model", metavar="FILE", help="Chat model of your own: a GGUF file, or hub:owner/name:file."
    )
    upstreams: tuple[UpstreamSource, ...] = setting(
        (), flag="--upstream", metavar="URL", help="Server of OpenAI's API whose models this edge serves."
    )
    aliases: tuple[str, ...] = setting(
        (), flag="--alias", metavar="NAME=MODEL", help="Another name for a model, such as gpt-4o=qwen2.5-coder-0.5b."
    )
    context: int | None = setting(
        None,
        minimum=0,
        above_minimum=True,
        default_text="4096",
        help="Context of a chat model of your own, prompt and response together, in tokens.",
    )
    gpu_layers: int = setting(0, minimum=0, help="Layers of a chat model on the GPU; 999 is all of them.")
    models_dir: Path | None = setting(
        None,
        metavar="FOLDER",
        variables=("POLARGRID_MODELS_DIR",),
        help="Folder of model files, which are used in place of downloads.",
    )
    node: str = setting("local", metavar="NAME", help="Name of this edge in responses.")
    cache: Path | None = setting(
        None,
        metavar="FOLDER",
        variables=("POLARGRID_CACHE",),
        default_text="your cache folder",
        help="Folder for downloaded models.",
    )
    data: Path | None = setting(
        None,
        metavar="FOLDER",
        variables=("POLARGRID_DATA",),
        default_text="your data folder",
        help="Folder for the usage of the keys.",
    )
    waiting: int = setting(16, minimum=0, help="Requests that may wait for each kind of model; further ones get 429.")
    max_body_bytes: int = setting(
        25 * 1024 * 1024, minimum=0, above_minimum=True, help="Limit for the size of an upload."
    )
    max_json_bytes: int = setting(
        4 * 1024 * 1024, minimum=0, above_minimum=True, help="Limit for the size of a JSON body."
    )
    max_output_tokens: int | None = setting(
        None, minimum=0, above_minimum=True, help="Limit for the length of responses; longer texts are truncated."
    )
    max_speech_characters: int | None = setting(
        None, minimum=0, above_minimum=True, help="Limit for the text of speech; longer ones are rejected."
    )
    upload_seconds: float = setting(3600.0, minimum=0, above_minimum=True, help="Limit for the length of a recording.")
    stall_seconds: float = setting(
        60.0,
        minimum=0,
        above_minimum=True,
        help="Timeout for a client that stops reading its response or sending its request.",
    )
    threads: int = setting(
        default_factory=_spare_cores,
        minimum=0,
        above_minimum=True,
        default_text="cores - 1",
        help="Threads of a text model.",
    )

    keys_file: Path | None = setting(
        None,
        metavar="FILE",
        help="File of API keys with names and limits, which `polargrid keys` edits. It is read again when it changes; "
        "with it, pg_local is no key.",
    )
    access_log: Literal["json", "text", "off"] | None = setting(
        None, default_text="text on a terminal, else json", help="A line for each request, without bodies and keys."
    )
    access_log_file: Path | None = setting(
        None, metavar="FILE", default_text="standard error", help="Where the access log goes; - is standard output."
    )
    metrics: Literal["open", "key", "off"] = setting(
        "open", help="Who may read /metrics: everyone, those with a key, or nobody."
    )
    grace: float = setting(
        30.0, minimum=0, metavar="SECONDS", help="How long SIGTERM waits for the requests in progress."
    )
    tls_cert: Path | None = setting(None, metavar="FILE", help="Certificate chain in PEM: the edge serves HTTPS.")
    tls_key: Path | None = setting(
        None, metavar="FILE", default_text="in the file of the certificate", help="Private key of the certificate."
    )
    forwarded_allow_ips: frozenset[str] = setting(
        frozenset(),
        metavar="ADDRESS",
        help="Address or network of a proxy whose X-Forwarded-For and X-Forwarded-Proto count; * is any.",
    )
    allow_hosts: frozenset[str] = setting(
        frozenset(),
        flag="--allow-host",
        metavar="HOST",
        help="Host of a proxy in front of an edge on loopback, such as edge.example.com.",
    )

    def __post_init__(self) -> None:
        for item in list_settings(EdgeSettings):
            item.check(getattr(self, item.name))
        if self.keys_file is not None and self.keys == {LOCAL_KEY}:
            object.__setattr__(self, "keys", frozenset())
        if not (self.keys or self.keys_file) or not all(key.strip() for key in self.keys):
            raise ValueError("keys: expected at least one API key and no blank key")
        self._check_network()
        if not is_loopback(self.host) and LOCAL_KEY in self.keys:
            raise ValueError(
                f"keys: {LOCAL_KEY!r} is public, and other machines can reach an edge on {self.host}; "
                "set your own keys with POLARGRID_EDGE_KEYS or a file of keys with --keys-file"
            )
        for alias in self.aliases:
            parse_alias(alias)
        for origin in self.allow_origins:
            if parse_origin(origin) is None:
                raise ValueError(
                    f"allow_origins: {origin!r} is not an origin; expected a scheme and a host, and a port "
                    "unless it is the default: https://app.example.com"
                )

    def _check_network(self) -> None:
        if self.tls_key is not None and self.tls_cert is None:
            raise ValueError("tls_key: a key without tls_cert; set both")
        for address in self.forwarded_allow_ips - {"*"}:
            try:
                ipaddress.ip_network(address)
            except ValueError:
                raise ValueError(
                    f"forwarded_allow_ips: {address!r} is no address; expected an IP address, a network such as "
                    "10.0.0.0/8, or *"
                ) from None
        for host in self.allow_hosts:
            parsed = parse_authority("http", host)
            if parsed is None or parsed.host != host.lower():
                raise ValueError(f"allow_hosts: {host!r} is no host; expected a name without a port: edge.example.com")

    @classmethod
    def load(cls, flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None) -> Self:
        """Build settings; a flag counts before the environment, that before the TOML file, and that before a default.

        Raises `ValueError`, or `OSError` for a file that cannot be read.
        """
        from polargrid_edge.settings_sources import load_settings

        return load_settings(cls, flags, environ, file)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **changes: Any) -> Self:
        """Build settings from the environment, where commas separate several values, and `changes`."""
        return cls.load(changes, environ)
