from __future__ import annotations

from dataclasses import dataclass

import pytest

from polargrid_edge.subtitles import srt, vtt


@dataclass(frozen=True)
class Said:
    start: float
    end: float
    text: str


def test_srt_of_two_segments():
    """SubRip numbers its cues from one and writes a comma before the milliseconds."""
    said = [Said(0.0, 1.5, " Hello."), Said(1.5, 3723.004, " Good bye.")]
    assert srt(said) == ("1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n2\n00:00:01,500 --> 01:02:03,004\nGood bye.\n")


def test_vtt_of_two_segments():
    """WebVTT opens with its name and writes a dot before the milliseconds."""
    said = [Said(0.0, 1.5, " Hello."), Said(1.5, 3723.004, " Good bye.")]
    assert vtt(said) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello.\n\n00:00:01.500 --> 01:02:03.004\nGood bye.\n"
    )


def test_nothing_said():
    """No segments are an empty SubRip file and a WebVTT file with its first line alone."""
    assert (srt([]), vtt([])) == ("", "WEBVTT\n")


@pytest.mark.parametrize(
    ("seconds", "clock"), [(59.9996, "00:01:00,000"), (0.9994, "00:00:00,999"), (3599.99951, "01:00:00,000")]
)
def test_milliseconds_carry(seconds, clock):
    """A time that rounds up to a full second is the next second, never a thousand milliseconds."""
    assert srt([Said(0, seconds, "Hm.")]).splitlines()[1].endswith(f" {clock}")


def test_end_is_after_start():
    """A segment that ends before it starts becomes one that ends a millisecond after."""
    assert "00:00:02.000 --> 00:00:02.001" in vtt([Said(2.0, 1.0, "Hm.")])


def test_no_time_is_negative():
    """A time before the beginning is the beginning."""
    assert "00:00:00,000 --> 00:00:01,000" in srt([Said(-0.2, 1.0, "Hm.")])


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n \n", "\u2028\u2028", "\x0b\x0c"])
@pytest.mark.parametrize("write", [srt, vtt])
def test_blank_lines_do_not_end_a_cue(write, gap):
    """A blank line within a text is left out, for it would end the cue."""
    written = write([Said(0, 1, f"one{gap}two")])
    assert "one\ntwo\n" in written
    assert "\n\n" not in written.removeprefix("WEBVTT\n\n")


@pytest.mark.parametrize("arrow", ["-->", "--->", "-->-->"])
@pytest.mark.parametrize("write", [srt, vtt])
def test_text_is_not_taken_for_times(write, arrow):
    """The arrow between two times stands once a cue, whatever the text says."""
    assert write([Said(0, 1, f"00:00:01,000 {arrow} 00:00:02,000")]).count("-->") == 1


@pytest.mark.parametrize("write", [srt, vtt])
def test_segments_without_words_are_left_out(write):
    """A segment of spaces is no cue, and the cues are numbered without it."""
    spaces, word = Said(0, 1, " \n "), Said(1, 2, "Hm.")
    assert write([spaces, word]) == write([word])


def test_vtt_escapes():
    """WebVTT would read &, < and > as markup."""
    assert "\na &lt;b&gt; &amp;amp; c\n" in vtt([Said(0, 1, "a <b> &amp; c")])
