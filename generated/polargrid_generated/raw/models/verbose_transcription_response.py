# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.verbose_transcription_response_task_type_0 import VerboseTranscriptionResponseTaskType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pg_metadata import PGMetadata
    from ..models.transcription_segment import TranscriptionSegment
    from ..models.transcription_usage import TranscriptionUsage
    from ..models.transcription_word import TranscriptionWord


T = TypeVar("T", bound="VerboseTranscriptionResponse")


@_attrs_define
class VerboseTranscriptionResponse:
    """A transcript with timestamps."""

    task: str | VerboseTranscriptionResponseTaskType0
    """ The task. """
    language: str
    """ The language of the recording. """
    duration: float
    """ The duration of the recording, in seconds. """
    text: str
    """ The transcript. """
    segments: list[TranscriptionSegment]
    """ The segments of the transcript, in order. """
    words: list[TranscriptionWord] | Unset = UNSET
    """ The words of the transcript, in order, if requested. """
    usage: None | TranscriptionUsage | Unset = UNSET
    """ What the transcript cost, if the server counts it. """
    pg_metadata: None | PGMetadata | Unset = UNSET
    """ PolarGrid's metadata of the response. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415
        from ..models.transcription_usage import TranscriptionUsage  # noqa: PLC0415

        task: str
        if isinstance(self.task, VerboseTranscriptionResponseTaskType0):
            task = self.task.value
        else:
            task = self.task

        language = self.language

        duration = self.duration

        text = self.text

        segments = []
        for segments_item_data in self.segments:
            segments_item = segments_item_data.to_dict()
            segments.append(segments_item)

        words: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.words, Unset):
            words = []
            for words_item_data in self.words:
                words_item = words_item_data.to_dict()
                words.append(words_item)

        usage: dict[str, Any] | None | Unset
        if isinstance(self.usage, Unset):
            usage = UNSET
        elif isinstance(self.usage, TranscriptionUsage):
            usage = self.usage.to_dict()
        else:
            usage = self.usage

        pg_metadata: dict[str, Any] | None | Unset
        if isinstance(self.pg_metadata, Unset):
            pg_metadata = UNSET
        elif isinstance(self.pg_metadata, PGMetadata):
            pg_metadata = self.pg_metadata.to_dict()
        else:
            pg_metadata = self.pg_metadata

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "task": task,
                "language": language,
                "duration": duration,
                "text": text,
                "segments": segments,
            }
        )
        if words is not UNSET:
            field_dict["words"] = words
        if usage is not UNSET:
            field_dict["usage"] = usage
        if pg_metadata is not UNSET:
            field_dict["pg_metadata"] = pg_metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415
        from ..models.transcription_segment import TranscriptionSegment  # noqa: PLC0415
        from ..models.transcription_usage import TranscriptionUsage  # noqa: PLC0415
        from ..models.transcription_word import TranscriptionWord  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_task(data: object) -> str | VerboseTranscriptionResponseTaskType0:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                task_type_0 = VerboseTranscriptionResponseTaskType0(data)

                return task_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | VerboseTranscriptionResponseTaskType0, data)

        task = _parse_task(d.pop("task"))

        language = d.pop("language")

        duration = d.pop("duration")

        text = d.pop("text")

        segments = []
        _segments = d.pop("segments")
        for segments_item_data in _segments:
            segments_item = TranscriptionSegment.from_dict(segments_item_data)

            segments.append(segments_item)

        _words = d.pop("words", UNSET)
        words: list[TranscriptionWord] | Unset = UNSET
        if _words is not UNSET:
            words = []
            for words_item_data in _words:
                words_item = TranscriptionWord.from_dict(words_item_data)

                words.append(words_item)

        def _parse_usage(data: object) -> None | TranscriptionUsage | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                usage_type_0 = TranscriptionUsage.from_dict(data)

                return usage_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TranscriptionUsage | Unset, data)

        usage = _parse_usage(d.pop("usage", UNSET))

        def _parse_pg_metadata(data: object) -> None | PGMetadata | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pg_metadata_type_0 = PGMetadata.from_dict(data)

                return pg_metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PGMetadata | Unset, data)

        pg_metadata = _parse_pg_metadata(d.pop("pg_metadata", UNSET))

        verbose_transcription_response = cls(
            task=task,
            language=language,
            duration=duration,
            text=text,
            segments=segments,
            words=words,
            usage=usage,
            pg_metadata=pg_metadata,
        )

        verbose_transcription_response.additional_properties = d
        return verbose_transcription_response

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
