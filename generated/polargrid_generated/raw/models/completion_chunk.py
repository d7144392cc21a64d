# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.completion_chunk_object_type_0 import CompletionChunkObjectType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.completion_chunk_choice import CompletionChunkChoice
    from ..models.pg_metadata import PGMetadata
    from ..models.token_usage import TokenUsage


T = TypeVar("T", bound="CompletionChunk")


@_attrs_define
class CompletionChunk:
    """A chunk of a streamed response."""

    id: str
    """ The id of the response, the same in every chunk. """
    object_: CompletionChunkObjectType0 | str
    """ `text_completion` or `text_completion.chunk`. """
    created: int
    """ Creation time, in seconds since 1970-01-01 UTC (not milliseconds). """
    model: str
    """ The name of the model, as in the request. """
    choices: list[CompletionChunkChoice]
    """ What the chunk adds to each choice; empty in a chunk that only has the usage. """
    usage: None | TokenUsage | Unset = UNSET
    """ The token usage, in the last chunk, if requested. """
    system_fingerprint: None | str | Unset = UNSET
    """ The configuration of the server; a seed gives the same text only with the same one. """
    pg_metadata: None | PGMetadata | Unset = UNSET
    """ PolarGrid's metadata of the response. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415
        from ..models.token_usage import TokenUsage  # noqa: PLC0415

        id = self.id

        object_: str
        if isinstance(self.object_, CompletionChunkObjectType0):
            object_ = self.object_.value
        else:
            object_ = self.object_

        created = self.created

        model = self.model

        choices = []
        for choices_item_data in self.choices:
            choices_item = choices_item_data.to_dict()
            choices.append(choices_item)

        usage: dict[str, Any] | None | Unset
        if isinstance(self.usage, Unset):
            usage = UNSET
        elif isinstance(self.usage, TokenUsage):
            usage = self.usage.to_dict()
        else:
            usage = self.usage

        system_fingerprint: None | str | Unset
        if isinstance(self.system_fingerprint, Unset):
            system_fingerprint = UNSET
        else:
            system_fingerprint = self.system_fingerprint

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
                "id": id,
                "object": object_,
                "created": created,
                "model": model,
                "choices": choices,
            }
        )
        if usage is not UNSET:
            field_dict["usage"] = usage
        if system_fingerprint is not UNSET:
            field_dict["system_fingerprint"] = system_fingerprint
        if pg_metadata is not UNSET:
            field_dict["pg_metadata"] = pg_metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.completion_chunk_choice import CompletionChunkChoice  # noqa: PLC0415
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415
        from ..models.token_usage import TokenUsage  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        def _parse_object_(data: object) -> CompletionChunkObjectType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                object_type_0 = CompletionChunkObjectType0(data)

                return object_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CompletionChunkObjectType0 | str, data)

        object_ = _parse_object_(d.pop("object"))

        created = d.pop("created")

        model = d.pop("model")

        choices = []
        _choices = d.pop("choices")
        for choices_item_data in _choices:
            choices_item = CompletionChunkChoice.from_dict(choices_item_data)

            choices.append(choices_item)

        def _parse_usage(data: object) -> None | TokenUsage | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                usage_type_0 = TokenUsage.from_dict(data)

                return usage_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TokenUsage | Unset, data)

        usage = _parse_usage(d.pop("usage", UNSET))

        def _parse_system_fingerprint(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        system_fingerprint = _parse_system_fingerprint(d.pop("system_fingerprint", UNSET))

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

        completion_chunk = cls(
            id=id,
            object_=object_,
            created=created,
            model=model,
            choices=choices,
            usage=usage,
            system_fingerprint=system_fingerprint,
            pg_metadata=pg_metadata,
        )

        completion_chunk.additional_properties = d
        return completion_chunk

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
