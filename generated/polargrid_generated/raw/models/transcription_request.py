# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.stt_model import STTModel
from ..models.timestamp_granularity import TimestampGranularity
from ..models.transcription_format import TranscriptionFormat
from ..models.transcription_include import TranscriptionInclude
from ..types import UNSET, Unset

T = TypeVar("T", bound="TranscriptionRequest")


@_attrs_define
class TranscriptionRequest:
    """The options of a transcription."""

    model: str | STTModel
    """ The id of the speech-to-text model. """
    language: str | Unset = UNSET
    """ The language of the recording, as an ISO 639 code (`en`, or `en-CA`); detected if omitted or empty. """
    prompt: str | Unset = UNSET
    """ Words or names that are likely to occur in the recording. """
    response_format: TranscriptionFormat | Unset = UNSET
    """ The format of a transcript. """
    temperature: float | Unset = UNSET
    """ The sampling temperature. """
    timestamp_granularities: list[TimestampGranularity] | Unset = UNSET
    """ What `verbose_json` has the times of: `word` adds `words` to the `segments`, which it always has. The other
    formats of a response have no times.
     """
    keywords: list[str] | Unset = UNSET
    """ Words or names that are likely to occur, in addition to `prompt`. """
    languages: list[str] | Unset = UNSET
    """ The languages that may occur, if `language` is omitted; several are ignored by models that have one for a
    recording. """
    known_speaker_names: list[str] | Unset = UNSET
    """ The names of speakers. PolarGrid's transcripts have no speakers. """
    known_speaker_references: list[str] | Unset = UNSET
    """ A sound of each known speaker, as a data URL. """
    include: list[TranscriptionInclude] | Unset = UNSET
    """ What else a transcript contains. """
    chunking_strategy: str | Unset = UNSET
    """ How the recording is cut into parts: `auto`, or an object of settings as JSON. Servers cut it by themselves.
    """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model: str
        if isinstance(self.model, STTModel):
            model = self.model.value
        else:
            model = self.model

        language = self.language

        prompt = self.prompt

        response_format: str | Unset = UNSET
        if not isinstance(self.response_format, Unset):
            response_format = self.response_format.value

        temperature = self.temperature

        timestamp_granularities: list[str] | Unset = UNSET
        if not isinstance(self.timestamp_granularities, Unset):
            timestamp_granularities = []
            for timestamp_granularities_item_data in self.timestamp_granularities:
                timestamp_granularities_item = timestamp_granularities_item_data.value
                timestamp_granularities.append(timestamp_granularities_item)

        keywords: list[str] | Unset = UNSET
        if not isinstance(self.keywords, Unset):
            keywords = self.keywords

        languages: list[str] | Unset = UNSET
        if not isinstance(self.languages, Unset):
            languages = self.languages

        known_speaker_names: list[str] | Unset = UNSET
        if not isinstance(self.known_speaker_names, Unset):
            known_speaker_names = self.known_speaker_names

        known_speaker_references: list[str] | Unset = UNSET
        if not isinstance(self.known_speaker_references, Unset):
            known_speaker_references = self.known_speaker_references

        include: list[str] | Unset = UNSET
        if not isinstance(self.include, Unset):
            include = []
            for include_item_data in self.include:
                include_item = include_item_data.value
                include.append(include_item)

        chunking_strategy = self.chunking_strategy

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
        if response_format is not UNSET:
            field_dict["response_format"] = response_format
        if temperature is not UNSET:
            field_dict["temperature"] = temperature
        if timestamp_granularities is not UNSET:
            field_dict["timestamp_granularities[]"] = timestamp_granularities
        if keywords is not UNSET:
            field_dict["keywords[]"] = keywords
        if languages is not UNSET:
            field_dict["languages[]"] = languages
        if known_speaker_names is not UNSET:
            field_dict["known_speaker_names[]"] = known_speaker_names
        if known_speaker_references is not UNSET:
            field_dict["known_speaker_references[]"] = known_speaker_references
        if include is not UNSET:
            field_dict["include[]"] = include
        if chunking_strategy is not UNSET:
            field_dict["chunking_strategy"] = chunking_strategy

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

        _response_format = d.pop("response_format", UNSET)
        response_format: TranscriptionFormat | Unset
        if isinstance(_response_format, Unset):
            response_format = UNSET
        else:
            response_format = TranscriptionFormat(_response_format)

        temperature = d.pop("temperature", UNSET)

        _timestamp_granularities = d.pop("timestamp_granularities[]", UNSET)
        timestamp_granularities: list[TimestampGranularity] | Unset = UNSET
        if _timestamp_granularities is not UNSET:
            timestamp_granularities = []
            for timestamp_granularities_item_data in _timestamp_granularities:
                timestamp_granularities_item = TimestampGranularity(timestamp_granularities_item_data)

                timestamp_granularities.append(timestamp_granularities_item)

        keywords = cast(list[str], d.pop("keywords[]", UNSET))

        languages = cast(list[str], d.pop("languages[]", UNSET))

        known_speaker_names = cast(list[str], d.pop("known_speaker_names[]", UNSET))

        known_speaker_references = cast(list[str], d.pop("known_speaker_references[]", UNSET))

        _include = d.pop("include[]", UNSET)
        include: list[TranscriptionInclude] | Unset = UNSET
        if _include is not UNSET:
            include = []
            for include_item_data in _include:
                include_item = TranscriptionInclude(include_item_data)

                include.append(include_item)

        chunking_strategy = d.pop("chunking_strategy", UNSET)

        transcription_request = cls(
            model=model,
            language=language,
            prompt=prompt,
            response_format=response_format,
            temperature=temperature,
            timestamp_granularities=timestamp_granularities,
            keywords=keywords,
            languages=languages,
            known_speaker_names=known_speaker_names,
            known_speaker_references=known_speaker_references,
            include=include,
            chunking_strategy=chunking_strategy,
        )

        transcription_request.additional_properties = d
        return transcription_request

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
