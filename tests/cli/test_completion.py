"""Completion in a shell: the script is printed, and what it asks for is answered."""

import shutil
import subprocess

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script(invoke, shell):
    """Each names the command and where it asks."""
    told = invoke("completion", shell)
    assert (told.exit_code, told.stderr) == (0, "")
    assert f"{shell}_complete" in told.stdout
    assert "_POLARGRID_COMPLETE" in told.stdout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("polargrid tr", {"transcribe", "translate"}),
        ("polargrid models l", {"list", "load"}),
        ("polargrid chat --region mon", {"montreal"}),
        ("polargrid speak --voice af_", {"af_bella", "af_sarah"}),
        ("polargrid transcribe --format v", {"verbose_json", "vtt"}),
    ],
)
def test_what_completes(command, line, expected):
    """Commands, options, regions, voices and formats, without a network."""
    words = line.split()
    told = command(COMP_WORDS=line, COMP_CWORD=str(len(words) - 1), _POLARGRID_COMPLETE="bash_complete")
    assert {each.partition(",")[2] for each in told.stdout.decode().splitlines()} == expected


def test_bash_takes_the_script(invoke):
    """It is a program that the shell reads."""
    bash = shutil.which("bash")
    assert bash
    script = invoke("completion", "bash").stdout
    subprocess.run([bash, "-n"], input=script, text=True, check=True)


def test_another_shell(invoke):
    """Those that there are are named."""
    told = invoke("completion", "csh")
    assert told.exit_code == 2
    assert "fish" in told.stderr
