"""The garbage collector while runs go on."""

from __future__ import annotations

import gc

from polargrid_batch.collection import collect_less_often


def test_thresholds_are_higher_until_the_last_run_ends():
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        with collect_less_often():
            with collect_less_often():
                assert gc.get_threshold()[0] == 10_000
            assert gc.get_threshold()[0] == 10_000
        assert gc.get_threshold() == (700, 10, 10)
    finally:
        gc.set_threshold(*before)


def test_what_a_program_chose_stays():
    """It collects more rarely, or never."""
    before = gc.get_threshold()
    try:
        for own in ((50_000, 10, 10), (0, 10, 10)):
            gc.set_threshold(*own)
            with collect_less_often():
                assert gc.get_threshold() == own
            assert gc.get_threshold() == own
    finally:
        gc.set_threshold(*before)
