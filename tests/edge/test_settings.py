"""The settings of an edge: from options, the environment, a file and defaults."""

import dataclasses
import re
from pathlib import Path

import click
import pytest

from polargrid_cli.commands.serve import serve
from polargrid_edge.setting import list_settings
from polargrid_edge.settings import EdgeSettings


@pytest.fixture
def write(tmp_path):
    """Write a settings file."""

    def write_file(text):
        path = tmp_path / "edge.toml"
        path.write_text(text)
        return path

    return write_file


def test_each_field_is_declared_with_help():
    """So that each has an option, a variable and a key that say what they are for."""
    settings = {item.name: item for item in list_settings(EdgeSettings)}
    assert set(settings) == {field.name for field in dataclasses.fields(EdgeSettings)}
    assert [name for name, item in settings.items() if not item.facts.help.endswith(".")] == []


def test_each_setting_has_an_option_that_names_its_variable():
    """The option has no default of its own."""
    options = {option.name: option for option in serve.get_params(click.Context(serve))}
    for item in list_settings(EdgeSettings):
        option = options[item.name]
        assert item.flag in option.opts
        assert item.variables[0] in option.help
        assert option.default in (None, ())


def test_a_flag_counts_before_the_environment_and_that_before_the_file(write):
    """And the file before the default."""
    path = write("threads = 1\nwaiting = 1\nport = 1\n")
    environ = {"POLARGRID_EDGE_WAITING": "2", "POLARGRID_EDGE_PORT": "2"}
    settings = EdgeSettings.load({"port": 3}, environ, path)
    assert (settings.threads, settings.waiting, settings.port, settings.host) == (1, 2, 3, "127.0.0.1")


def test_lists(write):
    """They are lists in a file, and separated by commas in a variable; an empty variable is none."""
    path = write('keys = ["pg_a", "pg_b"]\n')
    assert EdgeSettings.load({}, {}, path).keys == {"pg_a", "pg_b"}
    assert EdgeSettings.from_environment({"POLARGRID_EDGE_KEYS": "pg_c, ,pg_d"}).keys == {"pg_c", "pg_d"}
    assert EdgeSettings.from_environment({"POLARGRID_EDGE_KEYS": " , "}).keys == {"pg_local"}


def test_older_variables():
    """They have their effect; the variable of the edge counts before them."""
    environ = {"POLARGRID_DATA": "/data", "POLARGRID_CACHE": "/cache", "POLARGRID_EDGE_CACHE": "/other"}
    settings = EdgeSettings.from_environment(environ)
    assert (settings.data, settings.cache) == (Path("/data"), Path("/other"))


def test_paths_of_a_file_begin_at_its_folder(write):
    """Not where the edge is started."""
    path = write('cache = "models"\ndata = "/data"\n')
    settings = EdgeSettings.load({}, {}, path)
    assert (settings.cache, settings.data) == (path.parent / "models", Path("/data"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "port = 1\nmax-output-token = 2",
            ":2: unknown key 'max-output-token'; did you mean 'max_output_tokens'?",
        ),
        ("[server]\nport = 1", "edge.toml:1: unknown key 'server'; expected one of: host, port"),
        ('\nport = "a"', "edge.toml:2: port: 'a' is not an integer"),
        ("port = true", "edge.toml:1: port: True is not an integer"),
        ("host = 1", "edge.toml:1: host: 1 is not a text"),
        ('keys = "pg_a"', "edge.toml:1: keys: expected a list"),
        ("keys = [1]", "edge.toml:1: keys: the value is not a text"),
        ("port = \n", "edge.toml: not valid TOML"),
        ("waiting = -1", "waiting: -1 is out of range; expected 0 or more"),
        ("threads = 0", "threads: 0 is out of range; expected more than 0"),
        ("port = 70000", "port: 70000 is out of range; expected 0 to 65535"),
        ("stall_seconds = nan", "stall_seconds: nan is out of range"),
    ],
)
def test_invalid_files(write, text, message):
    """The message has the file, the line, the key, and what is expected."""
    with pytest.raises(ValueError, match=re.escape(message)):
        EdgeSettings.load({}, {}, write(text))


def test_an_invalid_variable_is_named():
    """With its value."""
    with pytest.raises(ValueError, match="POLARGRID_EDGE_THREADS: 'two' is not an integer"):
        EdgeSettings.from_environment({"POLARGRID_EDGE_THREADS": "two"})
