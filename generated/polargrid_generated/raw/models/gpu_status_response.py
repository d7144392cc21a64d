# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.gpu_status_response_status_type_0 import GPUStatusResponseStatusType0

if TYPE_CHECKING:
    from ..models.gpu_info import GPUInfo
    from ..models.gpu_process import GPUProcess


T = TypeVar("T", bound="GPUStatusResponse")


@_attrs_define
class GPUStatusResponse:
    """The status of the GPUs."""

    status: GPUStatusResponseStatusType0 | str
    """ Always `success`. """
    timestamp: str
    """ The time of the response, in ISO 8601 with a time zone. """
    gpus: list[GPUInfo]
    """ The GPUs; empty if the server has no GPU. """
    processes: list[GPUProcess]
    """ The processes on the GPUs. """
    total_gpus: int
    """ The number of GPUs. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str
        if isinstance(self.status, GPUStatusResponseStatusType0):
            status = self.status.value
        else:
            status = self.status

        timestamp = self.timestamp

        gpus = []
        for gpus_item_data in self.gpus:
            gpus_item = gpus_item_data.to_dict()
            gpus.append(gpus_item)

        processes = []
        for processes_item_data in self.processes:
            processes_item = processes_item_data.to_dict()
            processes.append(processes_item)

        total_gpus = self.total_gpus

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "timestamp": timestamp,
                "gpus": gpus,
                "processes": processes,
                "total_gpus": total_gpus,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.gpu_info import GPUInfo  # noqa: PLC0415
        from ..models.gpu_process import GPUProcess  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_status(data: object) -> GPUStatusResponseStatusType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = GPUStatusResponseStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(GPUStatusResponseStatusType0 | str, data)

        status = _parse_status(d.pop("status"))

        timestamp = d.pop("timestamp")

        gpus = []
        _gpus = d.pop("gpus")
        for gpus_item_data in _gpus:
            gpus_item = GPUInfo.from_dict(gpus_item_data)

            gpus.append(gpus_item)

        processes = []
        _processes = d.pop("processes")
        for processes_item_data in _processes:
            processes_item = GPUProcess.from_dict(processes_item_data)

            processes.append(processes_item)

        total_gpus = d.pop("total_gpus")

        gpu_status_response = cls(
            status=status,
            timestamp=timestamp,
            gpus=gpus,
            processes=processes,
            total_gpus=total_gpus,
        )

        gpu_status_response.additional_properties = d
        return gpu_status_response

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
