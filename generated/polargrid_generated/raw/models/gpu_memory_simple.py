# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

T = TypeVar("T", bound="GPUMemorySimple")


@_attrs_define
class GPUMemorySimple:
    """The memory of a GPU, in GiB and in percent."""

    total_gb: float
    """ Total memory, in GiB. """
    used_gb: float
    """ Used memory, in GiB. """
    free_gb: float
    """ Free memory, in GiB. """
    percent_used: float
    """ Used memory, in percent. """
    percent_free: float
    """ Free memory, in percent. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        total_gb = self.total_gb

        used_gb = self.used_gb

        free_gb = self.free_gb

        percent_used = self.percent_used

        percent_free = self.percent_free

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "total_gb": total_gb,
                "used_gb": used_gb,
                "free_gb": free_gb,
                "percent_used": percent_used,
                "percent_free": percent_free,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        total_gb = d.pop("total_gb")

        used_gb = d.pop("used_gb")

        free_gb = d.pop("free_gb")

        percent_used = d.pop("percent_used")

        percent_free = d.pop("percent_free")

        gpu_memory_simple = cls(
            total_gb=total_gb,
            used_gb=used_gb,
            free_gb=free_gb,
            percent_used=percent_used,
            percent_free=percent_free,
        )

        gpu_memory_simple.additional_properties = d
        return gpu_memory_simple

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
