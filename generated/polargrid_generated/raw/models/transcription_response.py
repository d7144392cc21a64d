# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pg_metadata import PGMetadata
    from ..models.top_logprob import TopLogprob
    from ..models.transcription_usage import TranscriptionUsage


T = TypeVar("T", bound="TranscriptionResponse")


@_attrs_define
class TranscriptionResponse:
    """A transcript."""

    text: str
    """ The transcript. """
    logprobs: list[TopLogprob] | None | Unset = UNSET
    """ The log probabilities of the tokens, if requested and the model has them. """
    languages: list[str] | None | Unset = UNSET
    """ The languages of the recording, if the server detects several. """
    usage: None | TranscriptionUsage | Unset = UNSET
    """ What the transcript cost, if the server counts it. """
    pg_metadata: None | PGMetadata | Unset = UNSET
    """ PolarGrid's metadata of the response. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415
        from ..models.transcription_usage import TranscriptionUsage  # noqa: PLC0415

        text = self.text

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
                "text": text,
            }
        )
        if logprobs is not UNSET:
            field_dict["logprobs"] = logprobs
        if languages is not UNSET:
            field_dict["languages"] = languages
        if usage is not UNSET:
            field_dict["usage"] = usage
        if pg_metadata is not UNSET:
            field_dict["pg_metadata"] = pg_metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415
        from ..models.top_logprob import TopLogprob  # noqa: PLC0415
        from ..models.transcription_usage import TranscriptionUsage  # noqa: PLC0415

        d = dict(src_dict)
        text = d.pop("text")

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

        transcription_response = cls(
            text=text,
            logprobs=logprobs,
            languages=languages,
            usage=usage,
            pg_metadata=pg_metadata,
        )

        transcription_response.additional_properties = d
        return transcription_response

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
