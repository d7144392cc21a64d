# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.top_logprob import TopLogprob
    from ..models.transcription_usage import TranscriptionUsage


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
    logprobs: list[TopLogprob] | None | Unset = UNSET
    """ The log probabilities of the tokens, if requested and the model has them. """
    languages: list[str] | None | Unset = UNSET
    """ The languages of the recording, if the server detects several. """
    usage: None | TranscriptionUsage | Unset = UNSET
    """ What the transcript cost, if the server counts it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.transcription_usage import TranscriptionUsage  # noqa: PLC0415

        type_ = self.type_

        text = self.text

        duration = self.duration

        language = self.language

        logprobs: list[dict[str, Any]] | None | Unset
        if isinstance(self.logprobs, Unset):
            logprobs = UNSET
        elif isinstance(self.logprobs, list):
            logprobs = []
            for logprobs_type_0_item_data in self.logprobs:
                logprobs_type_0_item = logprobs_type_0_item_data.to_dict()
                logprobs.append(logprobs_type_0_item)

        else:
            logprobs = self.logprobs

        languages: list[str] | None | Unset
        if isinstance(self.languages, Unset):
            languages = UNSET
        elif isinstance(self.languages, list):
            languages = self.languages

        else:
            languages = self.languages

        usage: dict[str, Any] | None | Unset
        if isinstance(self.usage, Unset):
            usage = UNSET
        elif isinstance(self.usage, TranscriptionUsage):
            usage = self.usage.to_dict()
        else:
            usage = self.usage

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
        if logprobs is not UNSET:
            field_dict["logprobs"] = logprobs
        if languages is not UNSET:
            field_dict["languages"] = languages
        if usage is not UNSET:
            field_dict["usage"] = usage

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.top_logprob import TopLogprob  # noqa: PLC0415
        from ..models.transcription_usage import TranscriptionUsage  # noqa: PLC0415

        d = dict(src_dict)
        type_ = cast(Literal["transcript.text.done"], d.pop("type"))
        if type_ != "transcript.text.done":
            raise ValueError(f"type must match const 'transcript.text.done', got '{type_}'")

        text = d.pop("text")

        duration = d.pop("duration")

        language = d.pop("language")

        def _parse_logprobs(data: object) -> list[TopLogprob] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                logprobs_type_0 = []
                _logprobs_type_0 = data
                for logprobs_type_0_item_data in _logprobs_type_0:
                    logprobs_type_0_item = TopLogprob.from_dict(logprobs_type_0_item_data)

                    logprobs_type_0.append(logprobs_type_0_item)

                return logprobs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[TopLogprob] | None | Unset, data)

        logprobs = _parse_logprobs(d.pop("logprobs", UNSET))

        def _parse_languages(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                languages_type_0 = cast(list[str], data)

                return languages_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        languages = _parse_languages(d.pop("languages", UNSET))

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

        transcription_stream_done = cls(
            type_=type_,
            text=text,
            duration=duration,
            language=language,
            logprobs=logprobs,
            languages=languages,
            usage=usage,
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
