# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.region_model_status_status_type_0 import RegionModelStatusStatusType0

T = TypeVar("T", bound="RegionModelStatus")


@_attrs_define
class RegionModelStatus:
    """The state of a model in a region."""

    model_id: str
    """ The id of the model. """
    status: RegionModelStatusStatusType0 | str
    """ Whether the region serves requests for the model. """
    instances: int
    """ The number of instances in memory. """
    avg_latency_ms: int
    """ The mean duration of the last requests, in milliseconds; 0 without a request. """
    queue_depth: int
    """ The number of requests that wait for the model. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model_id = self.model_id

        status: str
        if isinstance(self.status, RegionModelStatusStatusType0):
            status = self.status.value
        else:
            status = self.status

        instances = self.instances

        avg_latency_ms = self.avg_latency_ms

        queue_depth = self.queue_depth

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model_id": model_id,
                "status": status,
                "instances": instances,
                "avg_latency_ms": avg_latency_ms,
                "queue_depth": queue_depth,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        model_id = d.pop("model_id")

        def _parse_status(data: object) -> RegionModelStatusStatusType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = RegionModelStatusStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(RegionModelStatusStatusType0 | str, data)

        status = _parse_status(d.pop("status"))

        instances = d.pop("instances")

        avg_latency_ms = d.pop("avg_latency_ms")

        queue_depth = d.pop("queue_depth")

        region_model_status = cls(
            model_id=model_id,
            status=status,
            instances=instances,
            avg_latency_ms=avg_latency_ms,
            queue_depth=queue_depth,
        )

        region_model_status.additional_properties = d
        return region_model_status

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
