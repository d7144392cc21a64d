# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="HealthFeatures")


@_attrs_define
class HealthFeatures:
    """The features of the server."""

    dynamic_loading: bool | None | Unset = UNSET
    """ Whether models are loaded on demand. """
    huggingface_support: bool | None | Unset = UNSET
    """ Whether models can be loaded from the Hugging Face Hub. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        dynamic_loading: bool | None | Unset
        if isinstance(self.dynamic_loading, Unset):
            dynamic_loading = UNSET
        else:
            dynamic_loading = self.dynamic_loading

        huggingface_support: bool | None | Unset
        if isinstance(self.huggingface_support, Unset):
            huggingface_support = UNSET
        else:
            huggingface_support = self.huggingface_support

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if dynamic_loading is not UNSET:
            field_dict["dynamic_loading"] = dynamic_loading
        if huggingface_support is not UNSET:
            field_dict["huggingface_support"] = huggingface_support

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_dynamic_loading(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        dynamic_loading = _parse_dynamic_loading(d.pop("dynamic_loading", UNSET))

        def _parse_huggingface_support(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        huggingface_support = _parse_huggingface_support(d.pop("huggingface_support", UNSET))

        health_features = cls(
            dynamic_loading=dynamic_loading,
            huggingface_support=huggingface_support,
        )

        health_features.additional_properties = d
        return health_features

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
