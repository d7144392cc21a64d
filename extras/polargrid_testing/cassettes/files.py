"""Reads and writes the files of cassettes."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from errno import EACCES, ENOTDIR
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from polargrid_testing.cassettes.environment import KEY_VARIABLE
from polargrid_testing.cassettes.errors import CassetteFormatError
from polargrid_testing.cassettes.recording import Interaction
from polargrid_testing.cassettes.redaction import Redactor
from polargrid_testing.cassettes.yaml_format import ADVICE, has_header, parse_cassette, render_cassette

_UNSAFE = re.compile(r"[^\w.,=+\[\]-]+")
_MAX_NAME = 120  # bytes; a name of a file has 255, and a part of them is added while it is written


def load_cassette(path: Path, *, must_parse: bool = True) -> list[Interaction] | None:
    """Return the interactions of a file; None if there is no file.

    Raises `CassetteFormatError`; if nothing is read from it, because all is recorded again, only for a file that is no
    cassette.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CassetteFormatError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return parse_cassette(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        problem = CassetteFormatError(f"{path} is not UTF-8: {error}; {ADVICE}")
    except CassetteFormatError as error:
        problem = error
    if must_parse:
        raise problem from None
    if not has_header(data):
        raise CassetteFormatError(
            f"{path} was not written by polargrid_testing, and is kept; delete it, or name another file"
        )
    return []


def require_writable(path: Path) -> None:
    """Raise OSError for a file that cannot be written, before anything is recorded for it."""
    folder = next(parent for parent in path.parents if parent.exists())
    if not folder.is_dir():
        raise NotADirectoryError(ENOTDIR, "cannot record a cassette below a file", str(folder))
    if not os.access(folder, os.W_OK | os.X_OK):
        message = "cannot record a cassette in a folder that is read-only; record='none' only replays"
        raise PermissionError(EACCES, message, str(folder))


def save_cassette(path: Path, interactions: Sequence[Interaction]) -> None:
    """Write a file, in one step: whoever reads it sees the old one or the new one. An equal one is not touched.

    Raises OSError, which names the file.
    """
    data = render_cassette(interactions).encode()
    if path.exists():
        if path.read_bytes().replace(b"\r\n", b"\n") == data:
            return
    elif not interactions:
        return
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        os.replace(part, path)  # noqa: PTH105 - atomic on every system
    except OSError as error:
        message = f"cannot write the cassette, and what was recorded is lost: {error.strerror or error}"
        raise type(error)(error.errno, message, str(path)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def locate_cassette(test_file: Path, test_name: str) -> Path:
    """Return the file of a test: `cassettes/<module>/<test>[params].yaml` beside the module.

    It names no credential that is a parameter, or a part of one.
    """
    function, bracket, parameters = test_name.partition("[")
    redactor = Redactor()
    redactor.note(os.environ.get(KEY_VARIABLE, ""))
    name = _UNSAFE.sub("-", f"{function}{bracket}{redactor.text(parameters)}")
    if name != test_name or len(name.encode()) > _MAX_NAME:
        start = name.encode()[:_MAX_NAME].decode(errors="ignore")
        name = f"{start}-{sha256(test_name.encode(errors='surrogatepass')).hexdigest()[:8]}"
    return test_file.parent / "cassettes" / test_file.stem / f"{name}.yaml"
