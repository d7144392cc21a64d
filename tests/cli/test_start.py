"""How the command starts, and what it costs to ask it for help."""

import subprocess
import sys

import polargrid

LISTING = """
import sys
from polargrid_cli import main
sys.argv = ["polargrid", *sys.argv[1:]]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
HEAVY = {"asyncio", "httpx", "httptools", "pydantic", "rich", "ssl", "polargrid.client", "polargrid_edge"}


def _loaded(*words):
    told = subprocess.run([sys.executable, "-c", LISTING, *words], capture_output=True, text=True, check=True)
    return set(told.stderr.split())


def test_help_loads_next_to_nothing():
    """`polargrid --help` and a command's own help load neither HTTP nor types nor what draws."""
    for words in (["--help"], ["chat", "--help"]):
        loaded = _loaded(*words)
        assert "click" in loaded
        assert loaded & HEAVY == set()


def test_version_loads_next_to_nothing():
    """The version is looked up, not imported."""
    assert _loaded("--version") & HEAVY == set()


def test_version(invoke):
    """The version is the package's."""
    assert invoke("--version").stdout == f"polargrid, version {polargrid.__version__}\n"


def test_no_command(invoke):
    """Without a command there is help, and nothing is wrong."""
    alone = invoke()
    assert (alone.exit_code, alone.stdout) == (0, invoke("--help").stdout)


def test_each_command_has_help(invoke):
    """Every command, and each of a group, says what it does in a sentence that is not cut."""
    from polargrid_cli.commands import polargrid as root

    listed = invoke("--help").stdout
    assert "..." not in listed.partition("Commands:")[2]
    for name in root.commands:
        assert name in listed
        assert invoke(name, "--help").exit_code == 0


def test_no_key(invoke):
    """With neither key nor place nobody is guessed: what to set is said, and the exit status is the key's."""
    told = invoke("chat", "Hi")
    assert (told.exit_code, told.stdout) == (3, "")
    assert "set POLARGRID_API_KEY" in told.stderr
    assert "--region local" in told.stderr


def test_a_misspelt_option_is_wrong_usage(invoke):
    """One line, with what was meant."""
    told = invoke("chat", "Hi", "--modl", "x")
    assert told.exit_code == 2
    assert told.stderr.startswith("polargrid chat: ")
    assert "--model" in told.stderr
    assert told.stderr.count("\n") == 1


def test_an_option_of_the_root(invoke):
    """An option that there is not is wrong usage before any command, too."""
    told = invoke("--modl", "x")
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)


def test_a_flag_goes_before_the_environment(invoke, edge):
    """And the environment before the default."""
    by_environment = invoke("chat", "Hi", url=edge.url, POLARGRID_CHAT_MODEL="none-such")
    by_flag = invoke("chat", "Hi", "-m", "smollm2-135m", url=edge.url, POLARGRID_CHAT_MODEL="none-such")
    assert (by_environment.exit_code, by_flag.exit_code) == (1, 0)


def test_a_place_that_is_given_goes_before_one_of_the_environment(invoke, edge):
    """`--base-url` wins over POLARGRID_BASE_URL."""
    assert invoke("health", "--base-url", edge.url, url="http://127.0.0.1:9").exit_code == 0
