# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.system_status_status_type_0 import SystemStatusStatusType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.region_status import RegionStatus


T = TypeVar("T", bound="SystemStatus")


@_attrs_define
class SystemStatus:
    """The state of all regions."""

    status: str | SystemStatusStatusType0
    """ The state of the regions together: `healthy` if all of them are. """
    regions: list[RegionStatus] | Unset = UNSET
    """ The regions. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str
        if isinstance(self.status, SystemStatusStatusType0):
            status = self.status.value
        else:
            status = self.status

        regions: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.regions, Unset):
            regions = []
            for regions_item_data in self.regions:
                regions_item = regions_item_data.to_dict()
                regions.append(regions_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
            }
        )
        if regions is not UNSET:
            field_dict["regions"] = regions

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.region_status import RegionStatus  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_status(data: object) -> str | SystemStatusStatusType0:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = SystemStatusStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | SystemStatusStatusType0, data)

        status = _parse_status(d.pop("status"))

        _regions = d.pop("regions", UNSET)
        regions: list[RegionStatus] | Unset = UNSET
        if _regions is not UNSET:
            regions = []
            for regions_item_data in _regions:
                regions_item = RegionStatus.from_dict(regions_item_data)

                regions.append(regions_item)

        system_status = cls(
            status=status,
            regions=regions,
        )

        system_status.additional_properties = d
        return system_status

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
