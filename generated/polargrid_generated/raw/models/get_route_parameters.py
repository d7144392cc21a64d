# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

from ..models.get_route_parameters_scope import GetRouteParametersScope
from ..types import UNSET, Unset

T = TypeVar("T", bound="GetRouteParameters")


@_attrs_define
class GetRouteParameters:
    """The parameters of GET /v1/route."""

    scope: GetRouteParametersScope | Unset = UNSET
    """ Whether the region must be in the country of the client: `country`, or `global` for any region. """
    model: str | Unset = UNSET
    """ A model that the region must serve. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        scope: str | Unset = UNSET
        if not isinstance(self.scope, Unset):
            scope = self.scope.value

        model = self.model

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if scope is not UNSET:
            field_dict["scope"] = scope
        if model is not UNSET:
            field_dict["model"] = model

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _scope = d.pop("scope", UNSET)
        scope: GetRouteParametersScope | Unset
        if isinstance(_scope, Unset):
            scope = UNSET
        else:
            scope = GetRouteParametersScope(_scope)

        model = d.pop("model", UNSET)

        get_route_parameters = cls(
            scope=scope,
            model=model,
        )

        get_route_parameters.additional_properties = d
        return get_route_parameters

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
