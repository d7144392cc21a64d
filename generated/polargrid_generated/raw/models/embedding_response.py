# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.embedding_response_object_type_0 import EmbeddingResponseObjectType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.embedding import Embedding
    from ..models.pg_metadata import PGMetadata
    from ..models.token_usage import TokenUsage


T = TypeVar("T", bound="EmbeddingResponse")


@_attrs_define
class EmbeddingResponse:
    """The embeddings of the inputs."""

    object_: EmbeddingResponseObjectType0 | str
    """ Always `list`. """
    data: list[Embedding]
    """ A vector for each input, in their order. """
    model: str
    """ The name of the model, as in the request. """
    usage: TokenUsage
    """ The number of tokens of a request and its response. """
    pg_metadata: None | PGMetadata | Unset = UNSET
    """ PolarGrid's metadata of the response. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415

        object_: str
        if isinstance(self.object_, EmbeddingResponseObjectType0):
            object_ = self.object_.value
        else:
            object_ = self.object_

        data = []
        for data_item_data in self.data:
            data_item = data_item_data.to_dict()
            data.append(data_item)

        model = self.model

        usage = self.usage.to_dict()

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
                "object": object_,
                "data": data,
                "model": model,
                "usage": usage,
            }
        )
        if pg_metadata is not UNSET:
            field_dict["pg_metadata"] = pg_metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.embedding import Embedding  # noqa: PLC0415
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415
        from ..models.token_usage import TokenUsage  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_object_(data: object) -> EmbeddingResponseObjectType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                object_type_0 = EmbeddingResponseObjectType0(data)

                return object_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EmbeddingResponseObjectType0 | str, data)

        object_ = _parse_object_(d.pop("object"))

        data = []
        _data = d.pop("data")
        for data_item_data in _data:
            data_item = Embedding.from_dict(data_item_data)

            data.append(data_item)

        model = d.pop("model")

        usage = TokenUsage.from_dict(d.pop("usage"))

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

        embedding_response = cls(
            object_=object_,
            data=data,
            model=model,
            usage=usage,
            pg_metadata=pg_metadata,
        )

        embedding_response.additional_properties = d
        return embedding_response

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
