"""Readers of response formats: audio, event streams, subtitles. They do no I/O."""
