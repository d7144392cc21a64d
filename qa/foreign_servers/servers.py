"""The servers: what each needs, how it is started, and what the contract tester is told of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from polargrid_edge.models.catalog import MODELS
from polargrid_edge.models.files import ensure

FOLDER: Final = Path(__file__).parent
KEY: Final = "sk-test-key"
_MOCK_TEXT: Final = "The lighthouse shows ships where the rocks are, on every night of the year."


@dataclass(frozen=True)
class ForeignServer:
    """A server of another project.

    `build_command` gets the interpreter of its environment, a free port and an empty folder for its files, and returns
    the command that starts it on loopback. `requires` begins with the package of the server.
    """

    name: str
    description: str
    build_command: Callable[[Path, int, Path], list[str]]
    requires: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    """Options of `polargrid contract`, in addition to the profile and the key."""

    @property
    def pins(self) -> Path:
        """Its pinned requirements."""
        return FOLDER / "requirements" / f"{self.name}.txt"

    @property
    def baseline(self) -> Path:
        """The findings that were judged: each has the reason why it is right."""
        return FOLDER / "baselines" / f"{self.name}.json"

    @property
    def version(self) -> str:
        """The pinned version of its package."""
        package, pins = re.split(r"[\[<>=~!]", self.requires[0])[0], self.pins.read_text("utf-8")
        return re.findall(rf"^{re.escape(package)}(?:\[[\w,]+\])?==(\S+)", pins, re.MULTILINE)[0]


def _build_fakeai(python: Path, port: int, _folder: Path) -> list[str]:
    command = [str(python.with_name("fakeai-server")), "server", "--host", "127.0.0.1", "--port", str(port)]
    return [*command, "--response-delay", "0", "--no-random-delay", "--api-key", KEY]


def _build_litellm(python: Path, port: int, folder: Path) -> list[str]:
    model = {"model": "openai/mock", "api_key": "none", "mock_response": _MOCK_TEXT}
    config = {
        "model_list": [{"model_name": "mock", "litellm_params": model}],
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"telemetry": False},
    }
    file = folder / "config.yaml"
    file.write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    return [str(python.with_name("litellm")), "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]


def _build_llamacpp(python: Path, port: int, _folder: Path) -> list[str]:
    (file,) = _prepare_model("smollm2-135m")
    return [str(python), str(FOLDER / "llamacpp_server.py"), str(port), str(file), KEY]


def _build_faster_whisper(python: Path, port: int, folder: Path) -> list[str]:
    for file in _prepare_model("whisper-base"):
        (folder / file.name).symlink_to(file)
    return [str(python.with_name("faster-whisper-server")), "--host", "127.0.0.1", "--port", str(port), str(folder)]


def _prepare_model(model_id: str) -> list[Path]:
    """Return the files of a model of the local edge; what is missing is downloaded."""
    model = next(model for model in MODELS if model.id == model_id)
    return list(ensure(model.files).values())


SERVERS: Final = {
    server.name: server
    for server in (
        ForeignServer(
            "fakeai",
            "a simulated OpenAI API on FastAPI, whose texts are made up",
            _build_fakeai,
            ("fakeai", "pillow", "numpy"),  # it imports the last two without requiring them
        ),
        ForeignServer(
            "litellm",
            "LiteLLM's proxy in front of a model that gives one text, `mock_response`",
            _build_litellm,
            ("litellm[proxy]",),
            {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},  # otherwise it looks for prices on the network
        ),
        ForeignServer(
            "llamacpp",
            "llama.cpp's server, started by xllamacpp with two slots, in front of SmolLM2-135M-Instruct (Q4_1)",
            _build_llamacpp,
            ("xllamacpp",),
        ),
        ForeignServer(
            "faster-whisper",
            "a server for faster-whisper with the model whisper-base, which has transcription and translation only",
            _build_faster_whisper,
            ("faster-whisper-server",),
            options=("--model", "speech-to-text=whisper-1"),  # it does not list its model
        ),
    )
}
