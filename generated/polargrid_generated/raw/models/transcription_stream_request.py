# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.stt_model import STTModel
from ..types import UNSET, Unset

T = TypeVar("T", bound="TranscriptionStreamRequest")


@_attrs_define
class TranscriptionStreamRequest:
    """The options of a transcription that is streamed."""

    model: str | STTModel
    """ The id of the speech-to-text model. """
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

        language = self.language

        prompt = self.prompt

        temperature = self.temperature

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
            }
        )
        if language is not UNSET:
            field_dict["language"] = language
        if prompt is not UNSET:
            field_dict["prompt"] = prompt
        if temperature is not UNSET:
            field_dict["temperature"] = temperature

        return field_dict

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

        language = d.pop("language", UNSET)

        prompt = d.pop("prompt", UNSET)

        temperature = d.pop("temperature", UNSET)

        transcription_stream_request = cls(
            model=model,
            language=language,
            prompt=prompt,
            temperature=temperature,
        )

        transcription_stream_request.additional_properties = d
        return transcription_stream_request

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
