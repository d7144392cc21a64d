"""Subtitles in SubRip and WebVTT."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from polargrid_edge.media.subtitles import to_srt, to_vtt


@dataclass(frozen=True)
class Segment:
    start: float
    end: float
    text: str


def test_srt_of_two_segments():
    """SubRip numbers its cues from 1 and has a comma before the milliseconds."""
    segments = [Segment(0.0, 1.5, " Hello."), Segment(1.5, 3723.004, " Good bye.")]
    assert to_srt(segments) == (
        "1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n2\n00:00:01,500 --> 01:02:03,004\nGood bye.\n"
    )


def test_vtt_of_two_segments():
    """WebVTT starts with its name and has a dot before the milliseconds."""
    segments = [Segment(0.0, 1.5, " Hello."), Segment(1.5, 3723.004, " Good bye.")]
    assert to_vtt(segments) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello.\n\n00:00:01.500 --> 01:02:03.004\nGood bye.\n"
    )


def test_no_segments():
    """The SubRip file is empty, the WebVTT file has its first line only."""
    assert (to_srt([]), to_vtt([])) == ("", "WEBVTT\n")


@pytest.mark.parametrize(
    ("seconds", "clock"), [(59.9996, "00:01:00,000"), (0.9994, "00:00:00,999"), (3599.99951, "01:00:00,000")]
)
def test_milliseconds_carry(seconds, clock):
    """A time that rounds to a full second is the next second, without 1000 milliseconds."""
    assert to_srt([Segment(0, seconds, "Hm.")]).splitlines()[1].endswith(f" {clock}")


def test_end_is_after_start():
    """A segment that ends before its start ends a millisecond after it."""
    assert "00:00:02.000 --> 00:00:02.001" in to_vtt([Segment(2.0, 1.0, "Hm.")])


def test_no_time_is_negative():
    """A negative start is 0."""
    assert "00:00:00,000 --> 00:00:01,000" in to_srt([Segment(-0.2, 1.0, "Hm.")])


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n \n", "\u2028\u2028", "\x0b\x0c"])
@pytest.mark.parametrize("to_subtitles", [to_srt, to_vtt])
def test_blank_lines_do_not_end_a_cue(to_subtitles, gap):
    """A blank line in a text is dropped, because it would end the cue."""
    subtitles = to_subtitles([Segment(0, 1, f"one{gap}two")])
    assert "one\ntwo\n" in subtitles
    assert "\n\n" not in subtitles.removeprefix("WEBVTT\n\n")


@pytest.mark.parametrize("arrow", ["-->", "--->", "-->-->"])
@pytest.mark.parametrize("to_subtitles", [to_srt, to_vtt])
def test_an_arrow_in_a_text_is_escaped(to_subtitles, arrow):
    """A cue has a single arrow, the one between its times."""
    assert to_subtitles([Segment(0, 1, f"00:00:01,000 {arrow} 00:00:02,000")]).count("-->") == 1


@pytest.mark.parametrize("to_subtitles", [to_srt, to_vtt])
def test_segments_without_words_are_dropped(to_subtitles):
    """A segment of spaces is not a cue, and does not count."""
    spaces, word = Segment(0, 1, " \n "), Segment(1, 2, "Hm.")
    assert to_subtitles([spaces, word]) == to_subtitles([word])


def test_vtt_escapes_markup():
    """&, < and > are markup in WebVTT."""
    assert "\na &lt;b&gt; &amp;amp; c\n" in to_vtt([Segment(0, 1, "a <b> &amp; c")])
