"""The chat models of a user: GGUF files on this machine or of the hub, and those that `polargrid models add` keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from polargrid_edge.errors import ModelFileError
from polargrid_edge.models.catalog import Model
from polargrid_edge.models.files import cache_directory
from polargrid_edge.models.gguf import OwnFile, read_head
from polargrid_edge.sources import HubAddress, ModelSource

if TYPE_CHECKING:
    from polargrid_edge.settings import EdgeSettings

_DEFAULT_CONTEXT: Final = 4096


def build_own_models(settings: EdgeSettings) -> Iterator[Model]:
    """The models of the settings. Raises `ModelFileError` for a file that no model can be loaded from, `ValueError`."""
    check_gpu_layers(max([settings.gpu_layers, *(source.gpu_layers or 0 for source in settings.models)]))
    names: set[str] = set()
    for source in settings.models:
        if source.name() in names:
            raise ValueError(f"models: two models have the name {source.name()!r}; give one of them another id")
        names.add(source.name())
        yield _build(source, settings)


def _build(source: ModelSource, settings: EdgeSettings) -> Model:
    path = find_file(source, settings.cache, settings.models_dir)
    head = read_head(path)
    context = source.context or settings.context or _DEFAULT_CONTEXT
    if head.context is not None:
        context = min(context, head.context)
    layers = settings.gpu_layers if source.gpu_layers is None else source.gpu_layers
    own = OwnFile(path, head.architecture, context, head.parameters, head.digest, source.threads, layers)
    address = source.hub_address()
    return Model(
        id=source.name(),
        kind="chat",
        aliases=(),
        files=(),
        licence="",
        origin=source.name(),
        parameters=head.parameters,
        created=int(path.stat().st_mtime),
        context=context,
        max_tokens=context,
        own=own,
        owner="user" if address is None else address.repository.partition("/")[0],
    )


def find_file(source: ModelSource, cache: Path | None = None, folder: Path | None = None) -> Path:
    """The file of a model; one of the hub is downloaded if it is not on this machine. Raises `ModelFileError`."""
    address = source.hub_address()
    if address is not None:
        return find_hub_file(address, cache, folder) or download_hub_file(address, cache)
    path = Path(source.source).expanduser()
    if not path.exists() and folder is not None and (folder / path).exists():
        return folder / path
    return path.absolute()


def hub_cache(cache: Path | None = None) -> Path:
    """The folder for files of the hub, in the layout of huggingface_hub."""
    return (cache or cache_directory()) / "hub"


def find_hub_file(address: HubAddress, cache: Path | None = None, folder: Path | None = None) -> Path | None:
    """The file in the folder of the user's models, in the edge's cache, or in that of the hub's own tools."""
    from huggingface_hub import try_to_load_from_cache

    name = Path(address.file).name
    if folder is not None and (folder / name).is_file():
        return folder / name
    for location in (hub_cache(cache), None):
        path = try_to_load_from_cache(address.repository, address.file, cache_dir=location)
        if isinstance(path, str):
            return Path(path)
    return None


def download_hub_file(address: HubAddress, cache: Path | None = None) -> Path:
    """Download a file of the hub to the cache. Raises `ModelFileError`."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        endpoint = os.environ.get("HF_ENDPOINT") or None
        options: dict[str, Any] = {"cache_dir": hub_cache(cache), "endpoint": endpoint}
        return Path(hf_hub_download(address.repository, address.file, **options))
    except (HfHubHTTPError, OSError, ValueError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelFileError(
            f"cannot download {address.file} of {address.repository} from the hub: {reason}; check the names, set "
            "HF_TOKEN for a private repository, or put the file into the folder of --models-dir"
        ) from None


def check_gpu_layers(layers: int) -> None:
    """Raise `ValueError` for layers on a GPU where llama.cpp has none."""
    if not layers:
        return
    import xllamacpp  # type: ignore[import-untyped]

    library = cast("Any", xllamacpp)
    devices = library.get_device_info()
    if not any("GPU" in str(device["type"]) for device in devices):
        names = ", ".join(str(device["name"]) for device in devices)
        raise ValueError(
            f"gpu_layers: {layers} layers on a GPU, but llama.cpp has none here (its devices: {names}); install a "
            "build of xllamacpp for your GPU, or omit gpu_layers"
        )
