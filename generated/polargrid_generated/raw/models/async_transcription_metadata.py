# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

T = TypeVar("T", bound="AsyncTranscriptionMetadata")


@_attrs_define
class AsyncTranscriptionMetadata:
    """The recording of a job."""

    filename: str
    """ The name of the file. """
    file_size_mb: float
    """ The size of the file, in MiB. """
    audio_format: str
    """ The format of the file. """
    estimated_duration_seconds: float
    """ The duration of the recording, in seconds. """
    model: str
    """ The name of the model, as in the request. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        filename = self.filename

        file_size_mb = self.file_size_mb

        audio_format = self.audio_format

        estimated_duration_seconds = self.estimated_duration_seconds

        model = self.model

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "filename": filename,
                "file_size_mb": file_size_mb,
                "audio_format": audio_format,
                "estimated_duration_seconds": estimated_duration_seconds,
                "model": model,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        filename = d.pop("filename")

        file_size_mb = d.pop("file_size_mb")

        audio_format = d.pop("audio_format")

        estimated_duration_seconds = d.pop("estimated_duration_seconds")

        model = d.pop("model")

        async_transcription_metadata = cls(
            filename=filename,
            file_size_mb=file_size_mb,
            audio_format=audio_format,
            estimated_duration_seconds=estimated_duration_seconds,
            model=model,
        )

        async_transcription_metadata.additional_properties = d
        return async_transcription_metadata

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
