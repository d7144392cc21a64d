"""Shell completion."""

import shutil
import subprocess

import pytest
from click.testing import CliRunner

from polargrid_cli.commands import polargrid


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(invoke, shell):
    """The script names its function and the variable that asks the command for completions."""
    result = invoke("completion", shell)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"{shell}_complete" in result.stdout
    assert "_POLARGRID_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("polargrid tr", {"transcribe", "translate"}),
        ("polargrid models l", {"list", "load"}),
        ("polargrid chat --region mon", {"montreal"}),
        ("polargrid speak --voice af_", {"af_bella", "af_sarah"}),
        ("polargrid chat --no-", {"--no-history", "--no-markdown", "--no-stream"}),
        ("polargrid models p", {"ps"}),
        ("polargrid transcribe --format v", {"verbose_json", "vtt"}),
    ],
)
def test_words_are_completed(line, expected):
    """Commands, regions, voices and formats are completed."""
    variables = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
        "_POLARGRID_COMPLETE": "bash_complete",
    }
    result = CliRunner().invoke(polargrid, [], prog_name="polargrid", env=variables)
    assert {completion.partition(",")[2] for completion in result.stdout.splitlines()} == expected


def test_bash_parses_the_script(invoke):
    """The script is valid bash."""
    bash = shutil.which("bash")
    assert bash
    script = invoke("completion", "bash").stdout
    subprocess.run([bash, "-n"], input=script, text=True, check=True)


def test_an_unknown_shell_is_rejected(invoke):
    """The message lists the supported shells."""
    result = invoke("completion", "csh")
    assert result.exit_code == 2
    assert "fish" in result.stderr
