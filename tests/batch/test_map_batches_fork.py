"""`Rows` in processes that are forked, as Datasets does for `num_proc`."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

PROGRAM = """
    import os, sys, threading
    from polargrid_batch import Rows, map_batches

    rows = Rows("chat_completion", prompt="{text}", fields={"model": "m"}, client={"base_url": sys.argv[1]})

    def run_in_child(text, exit):
        child = os.fork()
        if not child:
            engine = rows.engine()
            assert engine is not parents_engine
            assert rows({"text": [text]})["ok"] == [True]
            assert rows.engine() is engine
            exit(0)
        return child

    def wait(child):
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    parents_engine = rows.engine()
    assert rows({"text": ["before"]})["ok"] == [True]
"""
SCRIPTS = {
    "two children": """
        children = [run_in_child("a", EXIT), run_in_child("b", EXIT)]
        for child in children:
            wait(child)
    """,
    "a lock that another thread holds": """
        held, release = threading.Event(), threading.Event()

        def hold():
            with map_batches._lock:
                held.set()
                release.wait()

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        child = run_in_child("a", EXIT)
        release.set()
        thread.join()
        wait(child)
        wait(run_in_child("b", EXIT))
    """,
}


@pytest.mark.parametrize("exit_function", ["os._exit", "sys.exit"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_child_has_an_engine_of_its_own_and_the_parent_keeps_its_one(serve, name, exit_function):
    handler, url = serve()
    after = 'assert rows.engine() is parents_engine\nassert rows({"text": ["after"]})["ok"] == [True]\nrows.close()\n'
    program = dedent(PROGRAM) + dedent(SCRIPTS[name]).replace("EXIT", exit_function) + after
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program, url],
        env={**os.environ, "POLARGRID_API_KEY": "pg_test"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert handler.counts == {"before": 1, "a": 1, "b": 1, "after": 1}
