"""The strict readers of SubRip and WebVTT, by the rules of WebVTT's section 4 and what players of SubRip agree on."""

from __future__ import annotations

import pytest

from polargrid_contract.readers.subtitles import Cue, find_time_error, parse_srt, parse_vtt

SRT = "1\n00:00:00,000 --> 00:00:01,500\nOne\n\n2\n00:00:01,500 --> 00:00:02,000\nTwo\nlines\n"
VTT = "WEBVTT\n\n00:00.000 --> 00:01.500\nOne\n\n00:00:01.500 --> 00:00:02.000\nTwo\nlines\n"
CUES = [Cue(0.0, 1.5, "One"), Cue(1.5, 2.0, "Two lines")]


@pytest.mark.parametrize(
    "text",
    [
        SRT,
        SRT.replace("\n", "\r\n"),
        SRT.replace("\n", "\r"),
        f"\ufeff{SRT}",
        SRT.strip("\n"),
        f"{SRT}\n\n",
        SRT.replace("\n\n", "\n\n\n"),
        SRT.replace("01,500\nOne", "01,500 X1:10 X2:20 Y1:5 Y2:9\nOne"),
        SRT.replace("1\n00:00:00", "1 \n00:00:00", 1),
    ],
)
def test_subrip_is_read(text):
    """Line ends, a byte order mark, blank lines at the end and coordinates are free."""
    assert parse_srt(text.encode()) == CUES


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1\n00:00:00", "0\n00:00:00"),
        ("2\n", "3\n"),
        (",", "."),
        (" --> ", "-->"),
        (" --> ", " -> "),
        ("00:00:00,000", "00:00,000"),
        ("00:00:00,000", "0:00:00,000"),
        ("00:00:00,000", "00:00:00,00"),
        ("00:00:01,500 -->", "00:00:61,500 -->"),
        ("01,500\nOne", "01,500 align:start\nOne"),
        ("\n\n2", "\n2"),
        ("Two\nlines", "Two\n\nlines"),
        ("00:00:02,000", "00:00:01,500"),
        ("1\n00:00:00", "\n00:00:00"),
        ("One", "One --> two"),
    ],
)
def test_other_subrip_is_not_read(old, new):
    """Numbers count from 1, times have their form and a duration, and blank lines are between cues only."""
    with pytest.raises(ValueError, match=r"expected|-->"):
        parse_srt(SRT.replace(old, new).encode())


@pytest.mark.parametrize(
    "text",
    [
        VTT,
        VTT.replace("\n", "\r\n"),
        VTT.replace("\n", "\r"),
        f"\ufeff{VTT}",
        VTT.strip("\n"),
        VTT.replace("WEBVTT", "WEBVTT - a title"),
        VTT.replace("WEBVTT", "WEBVTT\tKind: captions"),
        VTT.replace("WEBVTT\n", "WEBVTT\n\nNOTE a\nb\n\nSTYLE\n::cue {}\n\nREGION\nid:a\n"),
        VTT.replace("\n\n00:00:01", "\n\nNOTE between\n\n00:00:01"),
        VTT.replace("\n\n", "\n\n\n\n"),
        VTT.replace("00:00.000", "first\n00:00.000"),
        VTT.replace("01.500\nOne", "01.500 align:start line:-1,end position:10.5%,line-left size:50% vertical:rl\nOne"),
        VTT.replace(" --> ", "\t-->  "),
        VTT.replace("One", "<v.loud Ann Lee>On<i.x>e</i></v>"),
        VTT.replace("One", "<00:00:00.500><lang en>One</lang>"),
    ],
)
def test_webvtt_is_read(text):
    """Line ends, a title, notes, styles, regions, identifiers, settings, short times and tags are free."""
    assert parse_vtt(text.encode()) == CUES


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("WEBVTT", "WebVTT"),
        ("WEBVTT", "\nWEBVTT"),
        ("WEBVTT", " WEBVTT"),
        ("WEBVTT", "WEBVTTx"),
        ("WEBVTT\n\n", "WEBVTT\n"),
        ("WEBVTT\n\n", "1\n"),
        (".", ","),
        ("00:00.000", "0:00.000"),
        ("00:00.000", "00:00.00"),
        ("00:01.500", "00:61.500"),
        (" --> ", "-->"),
        ("00:02.000", "00:01.500"),
        ("\n\n00:00:01", "\n00:00:01"),
        ("Two\nlines", "Two\n\nlines"),
        ("Two\nlines", "Two\n\nNOTE a --> b"),
        ("Two\nlines", "Two\n\nSTYLE\n::cue {}"),
        ("One", "One --> two"),
        ("One", "One & two"),
        ("One", "One < two"),
        ("One", "<b One"),
        ("One", "<font color=red>One</font>"),
        ("01.500\nOne", "01.500 align:middle\nOne"),
        ("01.500\nOne", "01.500 size:50\nOne"),
        ("01.500\nOne", "01.500 size:50% size:40%\nOne"),
        ("01.500\nOne", "01.500 X1:10\nOne"),
    ],
)
def test_other_webvtt_is_not_read(old, new):
    """It starts with WEBVTT and a blank line; times, settings and tags have their form, & and < their escapes."""
    with pytest.raises(ValueError, match=r"expected|-->|blank|after|setting|instead|tag"):
        parse_vtt(VTT.replace(old, new).encode())


def test_the_identifier_of_a_cue_is_its_own():
    """Two cues with one identifier cannot be told apart."""
    with pytest.raises(ValueError, match="twice"):
        parse_vtt(VTT.replace("00:00.000", "a\n00:00.000").replace("00:00:01.500", "a\n00:00:01.500").encode())


def test_escapes_are_undone():
    """The text is that of the transcript."""
    vtt = VTT.replace("One", "1 &lt; 2 &amp; 3 --&gt; &#8364;")
    assert parse_vtt(vtt.encode())[0].text == "1 < 2 & 3 --> €"


@pytest.mark.parametrize("parse", [parse_srt, parse_vtt])
def test_subtitles_are_utf_8(parse):
    """Players read nothing else."""
    with pytest.raises(UnicodeDecodeError):
        parse((SRT if parse is parse_srt else VTT).replace("One", "é").encode("latin-1"))


def test_no_cues_are_valid_subtitles():
    """A recording without speech has none."""
    assert parse_srt(b"") == []
    assert parse_vtt(b"WEBVTT\n") == []


@pytest.mark.parametrize(
    "times",
    [[(0, 1), (1, 0.5)], [(2, 3), (0, 1)], [(0, 9)], [(-1, 1)], [(0, 2), (1, 3)]],
    ids=["reversed", "order", "after", "before", "overlap"],
)
def test_times_out_of_order_are_an_error(times):
    """An end before its start, a start before the previous end, an end after the recording, a start before it."""
    assert find_time_error(times, 4.0)


def test_times_in_order_are_no_error():
    """Two spans touch, overlap by what rounding may add, or have a pause between them; one may have no duration."""
    assert find_time_error([(0, 1), (1, 2), (1.999, 2.5), (2.5, 2.5), (3, 4)], 4.0) == ""
