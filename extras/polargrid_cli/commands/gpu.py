"""`polargrid gpu`"""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import options
from polargrid_cli.client import connect
from polargrid_cli.exit_codes import exit_code_for_status
from polargrid_cli.groups import DefaultCommandGroup
from polargrid_cli.output import build_table, make_console, print_json, print_line, print_note, print_table, spinner

if TYPE_CHECKING:
    from rich.table import Table

    from polargrid.types import GPUInfo, GPUStatusResponse

_COLUMNS = ("gpu", "name", "memory", "utilization", "temperature")
_NO_GPU = "no GPU on this endpoint; its models run on the CPU"


@click.group(cls=DefaultCommandGroup)
def gpu() -> None:
    """Show GPU usage, and free GPU memory."""


@gpu.command("status")
@click.option("--watch", is_flag=True, help="Repeat until Ctrl-C; without a terminal, one line each time.")
@click.option(
    "--interval",
    type=options.SECONDS,
    metavar="SECONDS",
    default=2.0,
    show_default=True,
    help="Time between two updates.",
)
@options.json_option
@options.pass_client_options
def show_status(client_options: dict[str, Any], /, watch: bool, interval: float, json_output: bool) -> None:
    """Show the usage of each GPU; the default of `polargrid gpu`."""
    with connect(client_options) as client:
        if not watch:
            _print_status(client.get_gpu_status(), on_one_line=False, json_output=json_output)
            return
        use_screen = sys.stdout.isatty() and not json_output
        with _open_live_display() if use_screen else nullcontext() as display:
            while True:
                response = client.get_gpu_status()
                if display is not None:
                    display.update(_build_view(response), refresh=True)
                else:
                    _print_status(response, on_one_line=True, json_output=json_output)
                time.sleep(interval)


@gpu.command()
@click.option("--force", is_flag=True, help="Unload models in use, too, when their requests are complete.")
@options.json_option
@options.pass_client_options
def purge(client_options: dict[str, Any], /, force: bool, json_output: bool) -> int:
    """Free GPU memory by unloading the models that are not in use."""
    with connect(client_options) as client, spinner("Unloading …"):
        response = client.purge_gpu({"force": force})
    for error in response.errors:
        print_note(error)
    if json_output:
        print_json(response)
    else:
        print_line("\n".join([f"{response.memory_freed_gb:.1f} GiB freed", *response.models_unloaded]))
    return exit_code_for_status(response.status)


def _print_status(response: GPUStatusResponse, *, on_one_line: bool, json_output: bool) -> None:
    if json_output:
        print_json(response, on_one_line=on_one_line)
        return
    print_table(_COLUMNS, [_table_row(info) for info in response.gpus], bars=_memory_fractions(response))
    if not response.gpus:
        print_note(_NO_GPU)


def _open_live_display() -> Any:
    from rich.live import Live

    return Live(console=make_console(), auto_refresh=False)


def _build_view(response: GPUStatusResponse) -> Table | str:
    if not response.gpus:
        return _NO_GPU
    return build_table(_COLUMNS, [_table_row(info) for info in response.gpus], bars=_memory_fractions(response))


def _table_row(info: GPUInfo) -> tuple[str, ...]:
    memory = f"{info.memory.used_gb:.1f} of {info.memory.total_gb:.1f} GiB"
    return (str(info.index), info.name, memory, f"{info.utilization.gpu_percent} %", f"{info.temperature_c} °C")


def _memory_fractions(response: GPUStatusResponse) -> list[float]:
    return [info.memory.percent_used / 100 for info in response.gpus]
