# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

if TYPE_CHECKING:
    from ..models.gpu_memory_info import GPUMemoryInfo
    from ..models.gpu_utilization import GPUUtilization


T = TypeVar("T", bound="GPUInfo")


@_attrs_define
class GPUInfo:
    """A GPU."""

    index: int
    """ The index of the GPU, from 0. """
    name: str
    """ The name of the GPU. """
    memory: GPUMemoryInfo
    """ The memory of a GPU. """
    utilization: GPUUtilization
    """ The utilization of a GPU. """
    temperature_c: int
    """ The temperature, in degrees Celsius. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        index = self.index

        name = self.name

        memory = self.memory.to_dict()

        utilization = self.utilization.to_dict()

        temperature_c = self.temperature_c

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "index": index,
                "name": name,
                "memory": memory,
                "utilization": utilization,
                "temperature_c": temperature_c,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.gpu_memory_info import GPUMemoryInfo  # noqa: PLC0415
        from ..models.gpu_utilization import GPUUtilization  # noqa: PLC0415

        d = dict(src_dict)
        index = d.pop("index")

        name = d.pop("name")

        memory = GPUMemoryInfo.from_dict(d.pop("memory"))

        utilization = GPUUtilization.from_dict(d.pop("utilization"))

        temperature_c = d.pop("temperature_c")

        gpu_info = cls(
            index=index,
            name=name,
            memory=memory,
            utilization=utilization,
            temperature_c=temperature_c,
        )

        gpu_info.additional_properties = d
        return gpu_info

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
