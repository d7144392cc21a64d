# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.region_status_status_type_0 import RegionStatusStatusType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.region_model_status import RegionModelStatus


T = TypeVar("T", bound="RegionStatus")


@_attrs_define
class RegionStatus:
    """The state of a region."""

    region: str
    """ The id of the region. """
    status: RegionStatusStatusType0 | str
    """ The state of the region. """
    models: list[RegionModelStatus] | Unset = UNSET
    """ The models of the region. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        region = self.region

        status: str
        if isinstance(self.status, RegionStatusStatusType0):
            status = self.status.value
        else:
            status = self.status

        models: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.models, Unset):
            models = []
            for models_item_data in self.models:
                models_item = models_item_data.to_dict()
                models.append(models_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "region": region,
                "status": status,
            }
        )
        if models is not UNSET:
            field_dict["models"] = models

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.region_model_status import RegionModelStatus  # noqa: PLC0415

        d = dict(src_dict)
        region = d.pop("region")

        def _parse_status(data: object) -> RegionStatusStatusType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = RegionStatusStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(RegionStatusStatusType0 | str, data)

        status = _parse_status(d.pop("status"))

        _models = d.pop("models", UNSET)
        models: list[RegionModelStatus] | Unset = UNSET
        if _models is not UNSET:
            models = []
            for models_item_data in _models:
                models_item = RegionModelStatus.from_dict(models_item_data)

                models.append(models_item)

        region_status = cls(
            region=region,
            status=status,
            models=models,
        )

        region_status.additional_properties = d
        return region_status

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
