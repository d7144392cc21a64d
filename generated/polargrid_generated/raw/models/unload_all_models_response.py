# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.unload_all_models_response_status_type_0 import UnloadAllModelsResponseStatusType0

T = TypeVar("T", bound="UnloadAllModelsResponse")


@_attrs_define
class UnloadAllModelsResponse:
    """The result of unloading all models."""

    status: str | UnloadAllModelsResponseStatusType0
    """ Whether all models are unloaded. """
    unloaded_models: list[str]
    """ The ids of the models that were unloaded. """
    errors: list[str]
    """ An error message for each model that could not be unloaded. """
    total_unloaded: int
    """ The number of models that were unloaded. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str
        if isinstance(self.status, UnloadAllModelsResponseStatusType0):
            status = self.status.value
        else:
            status = self.status

        unloaded_models = self.unloaded_models

        errors = self.errors

        total_unloaded = self.total_unloaded

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "unloaded_models": unloaded_models,
                "errors": errors,
                "total_unloaded": total_unloaded,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_status(data: object) -> str | UnloadAllModelsResponseStatusType0:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = UnloadAllModelsResponseStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | UnloadAllModelsResponseStatusType0, data)

        status = _parse_status(d.pop("status"))

        unloaded_models = cast(list[str], d.pop("unloaded_models"))

        errors = cast(list[str], d.pop("errors"))

        total_unloaded = d.pop("total_unloaded")

        unload_all_models_response = cls(
            status=status,
            unloaded_models=unloaded_models,
            errors=errors,
            total_unloaded=total_unloaded,
        )

        unload_all_models_response.additional_properties = d
        return unload_all_models_response

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
