"""Start of the command: imports, help, and the precedence of settings."""

import subprocess
import sys

import click
import pytest

import polargrid as sdk
from polargrid_cli.commands import polargrid
from tests.cli.servers import healthy, route, stream_chat

PRINT_MODULES = """
import sys
from polargrid_cli import main
sys.argv = ["polargrid", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
HEAVY = {"asyncio", "attrs", "httpx", "httptools", "pydantic", "rich", "ssl", "polargrid.client", "polargrid_edge"}
HEAVY |= {"prompt_toolkit", "markdown_it", "platformdirs"}


def list_modules(*words):
    """Return the modules that a command line imports."""
    result = subprocess.run([sys.executable, "-c", PRINT_MODULES, *words], capture_output=True, text=True, check=True)
    return set(result.stderr.split())


@pytest.mark.parametrize("words", [["--help"], ["chat", "--help"], ["contract", "--help"], ["--version"]])
def test_help_imports_no_heavy_modules(words):
    """Help and version need neither HTTP nor types nor rich."""
    modules = list_modules(*words)
    assert "click" in modules
    assert modules & HEAVY == set()


def test_a_command_imports_no_other_command():
    """Commands are imported lazily."""
    prefix = "polargrid_cli.commands."
    modules = {name for name in list_modules("chat", "--help") if name.startswith(prefix)}
    assert modules == {f"{prefix}chat"}


def test_an_unknown_command_gets_a_suggestion(invoke):
    """Commands that are not imported yet are suggested, too."""
    result = invoke("caht")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "'caht'" in result.stderr
    assert "chat" in result.stderr.replace("caht", "")


def test_version_is_the_version_of_the_package(invoke):
    """The version of the distribution."""
    assert invoke("--version").stdout == f"polargrid, version {sdk.__version__}\n"


def test_help_is_the_default(invoke):
    """Without a command the exit status is 0."""
    result = invoke()
    assert (result.exit_code, result.stdout) == (0, invoke("--help").stdout)


def test_every_command_has_help(invoke):
    """The summaries on the help page are not cut."""
    page = invoke("--help").stdout
    assert "..." not in page.partition("Commands:")[2]
    for name in polargrid.list_commands(click.Context(polargrid)):
        assert name in page
        assert invoke(name, "--help").exit_code == 0


def test_a_group_without_a_command_shows_its_help(invoke):
    """With line breaks and whole summaries, as wrong usage; as JSON it is a failure like any other."""
    for group in ("batch", "keys", "models"):
        page = invoke(group, "--help").stdout
        assert "..." not in page.partition("Commands:")[2]
        if group != "models":  # which has a default command
            result = invoke(group)
            assert (result.exit_code, result.stdout) == (2, "")
            assert result.stderr.strip() == page.strip()


def test_every_option_has_a_readable_value():
    """No type of click is shown in its place."""
    for name in polargrid.list_commands(click.Context(polargrid)):
        command = polargrid.get_command(click.Context(polargrid), name)
        for item in (command, *getattr(command, "commands", {}).values()):
            assert " RANGE" not in item.get_help(click.Context(item, info_name=name)), name


def test_a_missing_key_is_explained(invoke):
    """Without key and endpoint the message says what to set."""
    result = invoke("chat", "Hi")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "set POLARGRID_API_KEY" in result.stderr
    assert "--region local" in result.stderr


def test_a_missing_package_is_explained():
    """The message says how to install the extras."""
    script = "import sys; sys.modules['uvicorn'] = None; from polargrid_cli import main; main()"
    result = subprocess.run([sys.executable, "-c", script, "serve"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "polargrid serve: missing package uvicorn; install it with: pip install 'polargrid[all]'\n"
    )


def test_a_misspelled_option_is_wrong_usage(invoke):
    """One line, with a suggestion."""
    result = invoke("chat", "Hi", "--modl", "x")
    assert result.exit_code == 2
    assert result.stderr.startswith("polargrid chat: ")
    assert "--model" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unknown_option_of_the_root_is_wrong_usage(invoke):
    """One line."""
    result = invoke("--modl", "x")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(("option", "model"), [([], "by-variable"), (["-m", "by-option"], "by-option")])
def test_an_option_precedes_its_variable(invoke, start_server, option, model):
    """And the variable precedes the default."""
    server = start_server(stream_chat("Hi"))
    invoke("chat", "Hi", *option, url=server.url, POLARGRID_CHAT_MODEL="by-variable")
    assert f'"{model}"'.encode() in server.requests[0].body


def test_base_url_precedes_its_variable(invoke, start_server, closed_url):
    """`--base-url` precedes POLARGRID_BASE_URL."""
    server = start_server(route(healthy))
    assert invoke("health", "--base-url", server.url, url=closed_url).exit_code == 0
