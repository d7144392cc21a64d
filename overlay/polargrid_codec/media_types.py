"""Media types of uploads: by their first bytes, or as the document says; pure."""

from __future__ import annotations

import mimetypes
from fnmatch import fnmatchcase
from typing import Any

# First bytes of common audio formats: offset, bytes, file extension, media type.
_SIGNATURES = (
    (0, b"ID3", "mp3", "audio/mpeg"),
    (0, b"\xff\xfb", "mp3", "audio/mpeg"),
    (0, b"\xff\xf3", "mp3", "audio/mpeg"),
    (0, b"\xff\xf1", "aac", "audio/aac"),
    (0, b"fLaC", "flac", "audio/flac"),
    (0, b"OggS", "ogg", "audio/ogg"),
    (0, b"RIFF", "wav", "audio/wav"),
    (0, b"\x1aE\xdf\xa3", "webm", "audio/webm"),
    (4, b"ftyp", "m4a", "audio/mp4"),
)


def select_media_type(accepted: str, name: str | None, media_type: str | None, *, is_chosen: bool) -> str | None:
    """Return the media type of an upload that the document describes as `accepted`.

    A single media type is the upload's, unless the caller chose another. For a range, like `image/*`, or a list, it is
    the caller's, the one of the first bytes, or the one of the extension. Raises ValueError if none of them fits.
    """
    if "*" not in accepted and "," not in accepted:
        return media_type if is_chosen else accepted
    patterns = [_bare(item) for item in accepted.split(",")]
    guess = None if is_chosen else mimetypes.guess_type(name or "")[0]
    for candidate in (media_type, guess):
        if candidate and any(fnmatchcase(_bare(candidate), pattern) for pattern in patterns):
            return candidate
    raise ValueError(f"expected {accepted}, not {media_type or 'an unknown media type'}")


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def is_media_type(text: Any) -> bool:
    return isinstance(text, str) and text != "" and text.isascii() and text.isprintable()


def sniff_type(head: bytes) -> tuple[str, str]:
    """A file name and a media type by the first bytes: the API requires a name, bytes have none."""
    for offset, signature, extension, media_type in _SIGNATURES:
        if head[offset:].startswith(signature):
            return f"audio.{extension}", media_type
    return "file", "application/octet-stream"
