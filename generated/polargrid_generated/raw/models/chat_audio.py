# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

T = TypeVar("T", bound="ChatAudio")


@_attrs_define
class ChatAudio:
    """A response in audio."""

    id: str
    """ The id, for the `audio` of a message of a later request. """
    data: str
    """ The audio in base64. """
    expires_at: int
    """ When the id expires, as a Unix time in seconds. """
    transcript: str
    """ What the audio says. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        data = self.data

        expires_at = self.expires_at

        transcript = self.transcript

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "data": data,
                "expires_at": expires_at,
                "transcript": transcript,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        data = d.pop("data")

        expires_at = d.pop("expires_at")

        transcript = d.pop("transcript")

        chat_audio = cls(
            id=id,
            data=data,
            expires_at=expires_at,
            transcript=transcript,
        )

        chat_audio.additional_properties = d
        return chat_audio

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
