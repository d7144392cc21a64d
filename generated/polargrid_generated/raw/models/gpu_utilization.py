# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

T = TypeVar("T", bound="GPUUtilization")


@_attrs_define
class GPUUtilization:
    """The utilization of a GPU."""

    gpu_percent: int
    """ Utilization of the processors, in percent. """
    memory_percent: int
    """ Utilization of the memory bus, in percent. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        gpu_percent = self.gpu_percent

        memory_percent = self.memory_percent

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "gpu_percent": gpu_percent,
                "memory_percent": memory_percent,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        gpu_percent = d.pop("gpu_percent")

        memory_percent = d.pop("memory_percent")

        gpu_utilization = cls(
            gpu_percent=gpu_percent,
            memory_percent=memory_percent,
        )

        gpu_utilization.additional_properties = d
        return gpu_utilization

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
