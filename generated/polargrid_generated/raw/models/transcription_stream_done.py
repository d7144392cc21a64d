# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

T = TypeVar("T", bound="TranscriptionStreamDone")


@_attrs_define
class TranscriptionStreamDone:
    """The end of a transcript."""

    type_: Literal["transcript.text.done"]
    """ Always `transcript.text.done`. """
    text: str
    """ The transcript: all fragments together. """
    duration: float
    """ The duration of the recording, in seconds. """
    language: str
    """ The language of the recording. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        text = self.text

        duration = self.duration

        language = self.language

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "text": text,
                "duration": duration,
                "language": language,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = cast(Literal["transcript.text.done"], d.pop("type"))
        if type_ != "transcript.text.done":
            raise ValueError(f"type must match const 'transcript.text.done', got '{type_}'")

        text = d.pop("text")

        duration = d.pop("duration")

        language = d.pop("language")

        transcription_stream_done = cls(
            type_=type_,
            text=text,
            duration=duration,
            language=language,
        )

        transcription_stream_done.additional_properties = d
        return transcription_stream_done

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
