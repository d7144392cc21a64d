"""`polargrid keys`"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from polargrid_cli import options
from polargrid_cli.output import print_json, print_line, print_note, print_table

if TYPE_CHECKING:
    from polargrid_edge.usage_store import Usage

_COLUMNS: Final = ("key", "created", "requests/min", "tokens/min", "requests", "tokens")

_file_option = click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    envvar="POLARGRID_EDGE_KEYS_FILE",
    help="File of keys.  [env: POLARGRID_EDGE_KEYS_FILE; default: keys.toml in your data folder]",
)


@click.group(short_help="Manage the API keys of a local edge.")
def keys() -> None:
    """Manage the API keys of a local edge: `polargrid serve --keys-file FILE`.

    The file has names, limits and hashes of the keys. An edge that runs reads it again when it changes.
    """


@keys.command()
@click.argument("name")
@_file_option
@click.option("--requests-per-minute", type=click.IntRange(1), metavar="N", help="Limit; without it there is none.")
@click.option("--tokens-per-minute", type=click.IntRange(1), metavar="N", help="Limit; without it there is none.")
@options.json_option
def add(name: str, path: Path | None, json_output: bool, **limits: int | None) -> None:
    """Create a key and print it. It is not stored, and not shown again."""
    from polargrid_edge.keys import key_file
    from polargrid_edge.keys.key import NAME_PATTERN, create_secret, hash_secret

    if not NAME_PATTERN.fullmatch(name):
        raise click.BadParameter(f"{name!r}: expected 1 to 64 letters, digits and . _ @ -", param_hint="NAME")
    path = path or _default_file()
    secret = create_secret()
    entry = key_file.KeyEntry(hash_secret(secret), datetime.now(UTC).replace(microsecond=0), **limits)

    def expect(entries: dict[str, key_file.KeyEntry]) -> None:
        if name in entries:
            raise key_file.KeyFileError(f"{path}: it has a key {name!r}; revoke it first, or choose another name")
        entries[name] = entry

    _edit(path, lambda text: key_file.add_entry(text, name, entry), expect)
    if json_output:
        print_json({"name": name, "key": secret, "file": str(path)})
    else:
        print_line(secret)
        print_note(f"This is the key {name}; it is not shown again. Edges with --keys-file {path} accept it now.")


@keys.command("list", short_help="List the keys, with limits and usage.")
@_file_option
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    envvar="POLARGRID_DATA",
    help="Folder of the usage that the edge counts.  [env: POLARGRID_DATA; default: your data folder]",
)
@options.json_option
def list_keys(path: Path | None, data: Path | None, json_output: bool) -> None:
    """List the keys with their limits and their usage of the last 30 days."""
    from polargrid_edge.keys import key_file
    from polargrid_edge.usage_store import data_directory

    try:
        entries = key_file.read(path or _default_file())
    except (OSError, ValueError) as error:
        raise _to_failure(error) from error
    usages = _read_usage(data or data_directory(), list(entries))
    rows: list[dict[str, Any]] = [
        {"name": name}
        | {key: value for key, value in asdict(entry).items() if key != "hash"}
        | {"requests": sum(item.requests for item in usages[name]), "tokens": sum(item.tokens for item in usages[name])}
        for name, entry in entries.items()
    ]
    for row in rows:
        row["created"] = None if row["created"] is None else row["created"].isoformat()
    if json_output:
        print_json({"keys": rows})
    else:
        print_table(_COLUMNS, [tuple("" if value is None else str(value) for value in row.values()) for row in rows])


@keys.command()
@click.argument("name")
@_file_option
def revoke(name: str, path: Path | None) -> None:
    """Remove a key: edges reject it from now on. Requests in progress are completed."""
    from polargrid_edge.keys import key_file

    path = path or _default_file()

    def expect(entries: dict[str, key_file.KeyEntry]) -> None:
        if entries.pop(name, None) is None:
            names = ", ".join(entries) or "none"
            raise key_file.KeyFileError(f"{path}: it has no key {name!r}; expected one of: {names}")

    _edit(path, lambda text: key_file.remove_entry(text, name), expect)
    print_note(f"Revoked {name}.")


def _edit(path: Path, change: Any, expect: Any) -> None:
    from polargrid_edge.keys import key_file

    try:
        key_file.edit(path, change, expect)
    except (OSError, ValueError) as error:
        raise _to_failure(error) from error


def _to_failure(error: OSError | ValueError) -> click.ClickException:
    if isinstance(error, OSError):
        return click.ClickException(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return click.ClickException(str(error))


def _default_file() -> Path:
    from polargrid_edge.usage_store import data_directory

    return data_directory() / "keys.toml"


def _read_usage(folder: Path, names: list[str]) -> dict[str, list[Usage]]:
    """The usage of each key in the last 30 days; none without a file."""
    import asyncio
    import sqlite3

    from polargrid_edge.keys.key import build_identity
    from polargrid_edge.usage_store import UsageStore

    if not (folder / "usage.sqlite3").exists():
        return {name: [] for name in names}
    today = datetime.now(UTC).date()
    first = date.fromordinal(today.toordinal() - 29)
    store = UsageStore(folder)
    try:
        return {name: asyncio.run(store.read(build_identity(name), first, today)) for name in names}
    except (sqlite3.Error, OSError) as error:
        raise click.ClickException(f"{folder / 'usage.sqlite3'}: {error}") from error
    finally:
        store.close()
