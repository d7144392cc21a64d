"""serve, pull and contract, as far as the command goes."""

import signal

import pytest

from tests.cli.edges import refuses, serving
from tests.overlay.faults.edges import answer


def test_an_edge_is_served_until_it_is_interrupted(started, invoke):
    """It says where it is; Ctrl-C ends it, without a word."""
    process = started("serve", "--port", "0", "--chat-model", "smollm2-135m", url="")
    url = process.stdout.readline().decode().split()[3]
    assert invoke("health", url=url).exit_code == 0
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=30)
    assert (process.returncode, *told) == (130, b"", b"")


def test_a_port_that_is_taken(invoke, serve):
    """One sentence, with the port."""
    port = serve().url.rpartition(":")[2]
    told = invoke("serve", "--port", port)
    assert told.exit_code == 1
    assert told.stderr.startswith(f"polargrid serve: Cannot listen on 127.0.0.1 port {port}: ")


def test_an_option_of_serve_that_cannot_be(invoke):
    """Wrong usage, in the edge's words."""
    told = invoke("serve", "--port", "0", "--chat-model", "none-such")
    assert told.exit_code == 2
    assert "none-such" in told.stderr


def test_a_model_that_there_is_not(invoke):
    """`pull` names those that there are."""
    told = invoke("pull", "none-such")
    assert told.exit_code == 2
    assert "smollm2-135m" in told.stderr


@pytest.mark.parametrize(
    ("script", "expected"),
    [(refuses("401 Unauthorized", "invalid_api_key"), 3), (serving(lambda _path: answer(b"[1, 2")), 6)],
)
def test_contract(command, serve, script, expected):
    """The exit status of a contract that is broken is its own."""
    told = command("contract", serve(script).url, "--suite", "behaviour", "--only", "list_models")
    assert told.returncode == expected
