# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

T = TypeVar("T", bound="TranscriptionStreamDelta")


@_attrs_define
class TranscriptionStreamDelta:
    """The next part of a transcript."""

    type_: Literal["transcript.text.delta"]
    """ Always `transcript.text.delta`. """
    delta: str
    """ The next fragment of the text. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        delta = self.delta

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "delta": delta,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = cast(Literal["transcript.text.delta"], d.pop("type"))
        if type_ != "transcript.text.delta":
            raise ValueError(f"type must match const 'transcript.text.delta', got '{type_}'")

        delta = d.pop("delta")

        transcription_stream_delta = cls(
            type_=type_,
            delta=delta,
        )

        transcription_stream_delta.additional_properties = d
        return transcription_stream_delta

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
