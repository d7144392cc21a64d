# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

T = TypeVar("T", bound="GPUMemoryState")


@_attrs_define
class GPUMemoryState:
    """The memory of all GPUs together."""

    used_gb: float
    """ Used memory, in GiB. """
    total_gb: float
    """ Total memory, in GiB. """
    percent_used: float
    """ Used memory, in percent. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        used_gb = self.used_gb

        total_gb = self.total_gb

        percent_used = self.percent_used

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "used_gb": used_gb,
                "total_gb": total_gb,
                "percent_used": percent_used,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        used_gb = d.pop("used_gb")

        total_gb = d.pop("total_gb")

        percent_used = d.pop("percent_used")

        gpu_memory_state = cls(
            used_gb=used_gb,
            total_gb=total_gb,
            percent_used=percent_used,
        )

        gpu_memory_state.additional_properties = d
        return gpu_memory_state

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
