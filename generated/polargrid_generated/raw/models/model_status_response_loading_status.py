# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.model_status_response_loading_status_additional_property_type_0 import (
    ModelStatusResponseLoadingStatusAdditionalPropertyType0,
)

T = TypeVar("T", bound="ModelStatusResponseLoadingStatus")


@_attrs_define
class ModelStatusResponseLoadingStatus:
    """The state of each model, by its id; the other names of a model have none."""

    additional_properties: dict[str, ModelStatusResponseLoadingStatusAdditionalPropertyType0 | str] = _attrs_field(
        init=False, factory=dict
    )

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            if isinstance(prop, ModelStatusResponseLoadingStatusAdditionalPropertyType0):
                field_dict[prop_name] = prop.value
            else:
                field_dict[prop_name] = prop

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        model_status_response_loading_status = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(
                data: object,
            ) -> ModelStatusResponseLoadingStatusAdditionalPropertyType0 | str:
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    additional_property_type_0 = ModelStatusResponseLoadingStatusAdditionalPropertyType0(data)

                    return additional_property_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(ModelStatusResponseLoadingStatusAdditionalPropertyType0 | str, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        model_status_response_loading_status.additional_properties = additional_properties
        return model_status_response_loading_status

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> ModelStatusResponseLoadingStatusAdditionalPropertyType0 | str:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: ModelStatusResponseLoadingStatusAdditionalPropertyType0 | str) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
