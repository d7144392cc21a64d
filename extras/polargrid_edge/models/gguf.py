"""The head of a GGUF file: its facts, and whether the file is complete. Its format: ggml's docs/gguf.md.

llama.cpp says why it cannot load a file in its log only, so what a user can mend is found here. Nothing of the weights
is read. The package `gguf` reads the same, and needs seconds for a vocabulary.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from polargrid_edge.errors import ModelFileError

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_STRING, _ARRAY = 8, 9
# The formats of the types of values, by their numbers.
_SCALARS: Final = ("B", "b", "H", "h", "I", "i", "f", "?", "", "", "Q", "q", "d")
# The elements and the bytes of a block of each type of weights, by its number (ggml.h).
_BLOCKS: Final[Mapping[int, tuple[int, int]]] = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    9: (32, 36),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
}
_MAX_VALUES: Final = 10_000_000
_DIGEST_BYTES: Final = 4 * 1024 * 1024
_NO_TEXT: Final = ("clip", "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "t5encoder", "modern-bert")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A GGUF file of a user, and how to run it. `context` is in tokens; `digest` changes with the head of the file."""

    path: Path
    architecture: str
    context: int
    parameters: int
    digest: str
    threads: int | None = None
    gpu_layers: int = 0


@dataclass(frozen=True, slots=True)
class GGUFHead:
    """The facts of a file. `context` is that of its training, in tokens, where the file says it."""

    architecture: str
    context: int | None
    parameters: int
    digest: str


class _Reader:
    """Reads values one after another. Raises `struct.error` or `ValueError` at the end of the data."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.position = 0

    def read(self, layout: str) -> Any:
        (value,) = struct.unpack_from(f"<{layout}", self._data, self.position)
        self.position += struct.calcsize(f"<{layout}")
        return value

    def text(self) -> str:
        return self._take(self.read("Q")).decode("utf-8", "replace")

    def _take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self._data):
            raise ValueError("beyond the end")
        value = self._data[self.position : end]
        self.position = end
        return value

    def value(self, kind: int) -> Any:
        """A value; of an array, only its length is of use."""
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._skip_array()
        return self.read(_SCALARS[kind])

    def _skip_array(self) -> int:
        kind, count = self.read("I"), self.read("Q")
        if count > _MAX_VALUES:
            raise ValueError("too many values")
        if kind in (_STRING, _ARRAY):
            for _ in range(count):
                self.value(kind)
        else:
            self._take(count * struct.calcsize(f"<{_SCALARS[kind]}"))
        return int(count)


def read_head(path: Path) -> GGUFHead:
    """Read the head of a GGUF file. Raises `ModelFileError`, which names the file and what is wrong with it."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ModelFileError(f"{path} is not a file; expected a GGUF file")
        with path.open("rb") as file:
            magic = file.read(4)
            if magic != _MAGIC:
                beginning = "it is empty" if not magic else f"it begins with {magic!r}"
                raise ModelFileError(f"{path} is not a GGUF file: {beginning}; download a file that ends in .gguf")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                head = _parse(path, _Reader(data), size)
                digest = hashlib.sha256(data[:_DIGEST_BYTES] + str(size).encode()).hexdigest()[:8]
    except FileNotFoundError:
        raise ModelFileError(f"{path} does not exist") from None
    except OSError as error:
        raise ModelFileError(f"cannot read {path}: {error.strerror or error}") from None
    except (struct.error, ValueError, IndexError):
        raise ModelFileError(f"{path} is truncated: it ends within its head; download it again") from None
    return GGUFHead(head.architecture, head.context, head.parameters, digest)


def _parse(path: Path, reader: _Reader, size: int) -> GGUFHead:
    reader.position = len(_MAGIC)
    version = reader.read("I")
    if version not in _VERSIONS:
        raise ModelFileError(f"{path} has version {version} of GGUF; expected {_VERSIONS[0]} or {_VERSIONS[1]}")
    tensors, values = reader.read("Q"), reader.read("Q")
    facts: dict[str, Any] = {}
    for _ in range(values):
        key = reader.text()
        facts[key] = reader.value(reader.read("I"))
    parameters = end = 0
    for _ in range(tensors):
        elements, stop = _read_tensor(reader)
        parameters, end = parameters + elements, max(end, stop)
    alignment = int(facts.get("general.alignment") or 32)
    end += -(-reader.position // alignment) * alignment
    if tensors and end > size:
        raise ModelFileError(f"{path} is truncated: {size:,} bytes of {end:,}; download it again")
    architecture = str(facts.get("general.architecture") or "")
    if not architecture or architecture in _NO_TEXT:
        raise ModelFileError(f"{path} has the architecture {architecture!r}, which does not generate text")
    context = facts.get(f"{architecture}.context_length")
    return GGUFHead(architecture, context if isinstance(context, int) else None, parameters, "")


def _read_tensor(reader: _Reader) -> tuple[int, int]:
    """The number of elements of a tensor, and where its weights end, from the beginning of all weights."""
    reader.text()
    elements = 1
    for _ in range(reader.read("I")):
        elements *= reader.read("Q")
    kind, offset = reader.read("I"), reader.read("Q")
    block, size = _BLOCKS.get(kind, (1, 0))
    return elements, offset + elements // block * size
