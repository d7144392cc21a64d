# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.gpu_memory_response_status_type_0 import GPUMemoryResponseStatusType0

if TYPE_CHECKING:
    from ..models.gpu_memory_simple import GPUMemorySimple


T = TypeVar("T", bound="GPUMemoryResponse")


@_attrs_define
class GPUMemoryResponse:
    """The memory usage of the GPUs."""

    status: GPUMemoryResponseStatusType0 | str
    """ Always `success`. """
    timestamp: str
    """ The time of the response, in ISO 8601 with a time zone. """
    memory: list[GPUMemorySimple]
    """ The memory of each GPU; empty if the server has no GPU. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str
        if isinstance(self.status, GPUMemoryResponseStatusType0):
            status = self.status.value
        else:
            status = self.status

        timestamp = self.timestamp

        memory = []
        for memory_item_data in self.memory:
            memory_item = memory_item_data.to_dict()
            memory.append(memory_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "timestamp": timestamp,
                "memory": memory,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.gpu_memory_simple import GPUMemorySimple  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_status(data: object) -> GPUMemoryResponseStatusType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = GPUMemoryResponseStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(GPUMemoryResponseStatusType0 | str, data)

        status = _parse_status(d.pop("status"))

        timestamp = d.pop("timestamp")

        memory = []
        _memory = d.pop("memory")
        for memory_item_data in _memory:
            memory_item = GPUMemorySimple.from_dict(memory_item_data)

            memory.append(memory_item)

        gpu_memory_response = cls(
            status=status,
            timestamp=timestamp,
            memory=memory,
        )

        gpu_memory_response.additional_properties = d
        return gpu_memory_response

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
