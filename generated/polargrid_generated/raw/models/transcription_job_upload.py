# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from .. import types
from ..models.stt_model import STTModel
from ..types import UNSET, File, Unset

T = TypeVar("T", bound="TranscriptionJobUpload")


@_attrs_define
class TranscriptionJobUpload:
    """A recording and the options of its transcription."""

    model: str | STTModel
    """ The id of the speech-to-text model. """
    file: File
    """ An audio file in MP3, WAV, FLAC, Ogg, M4A, WebM or another common format. """
    language: str | Unset = UNSET
    """ The language of the recording, as an ISO 639 code (`en`, or `en-CA`); detected if omitted or empty. """
    prompt: str | Unset = UNSET
    """ Words or names that are likely to occur in the recording. """
    temperature: float | Unset = UNSET
    """ The sampling temperature. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model: str
        if isinstance(self.model, STTModel):
            model = self.model.value
        else:
            model = self.model

        file = self.file.to_tuple()

        language = self.language

        prompt = self.prompt

        temperature = self.temperature

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
                "file": file,
            }
        )
        if language is not UNSET:
            field_dict["language"] = language
        if prompt is not UNSET:
            field_dict["prompt"] = prompt
        if temperature is not UNSET:
            field_dict["temperature"] = temperature

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        if isinstance(self.model, STTModel):
            files.append(("model", (None, str(self.model.value).encode(), "text/plain")))
        else:
            files.append(("model", (None, str(self.model).encode(), "text/plain")))

        files.append(("file", self.file.to_tuple()))

        if not isinstance(self.language, Unset):
            files.append(("language", (None, str(self.language).encode(), "text/plain")))

        if not isinstance(self.prompt, Unset):
            files.append(("prompt", (None, str(self.prompt).encode(), "text/plain")))

        if not isinstance(self.temperature, Unset):
            files.append(("temperature", (None, str(self.temperature).encode(), "text/plain")))

        for prop_name, prop in self.additional_properties.items():
            files.append((prop_name, (None, str(prop).encode(), "text/plain")))

        return files

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_model(data: object) -> str | STTModel:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                model_type_0 = STTModel(data)

                return model_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | STTModel, data)

        model = _parse_model(d.pop("model"))

        file = File(payload=BytesIO(d.pop("file")))

        language = d.pop("language", UNSET)

        prompt = d.pop("prompt", UNSET)

        temperature = d.pop("temperature", UNSET)

        transcription_job_upload = cls(
            model=model,
            file=file,
            language=language,
            prompt=prompt,
            temperature=temperature,
        )

        transcription_job_upload.additional_properties = d
        return transcription_job_upload

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
