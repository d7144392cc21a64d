# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.embedding_object_type_0 import EmbeddingObjectType0

T = TypeVar("T", bound="Embedding")


@_attrs_define
class Embedding:
    """The vector of an input."""

    object_: EmbeddingObjectType0 | str
    """ Always `embedding`. """
    index: int
    """ The position of the input, from 0. """
    embedding: list[float]
    """ The vector. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        object_: str
        if isinstance(self.object_, EmbeddingObjectType0):
            object_ = self.object_.value
        else:
            object_ = self.object_

        index = self.index

        embedding = self.embedding

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "object": object_,
                "index": index,
                "embedding": embedding,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_object_(data: object) -> EmbeddingObjectType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                object_type_0 = EmbeddingObjectType0(data)

                return object_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EmbeddingObjectType0 | str, data)

        object_ = _parse_object_(d.pop("object"))

        index = d.pop("index")

        embedding = cast(list[float], d.pop("embedding"))

        embedding = cls(
            object_=object_,
            index=index,
            embedding=embedding,
        )

        embedding.additional_properties = d
        return embedding

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
