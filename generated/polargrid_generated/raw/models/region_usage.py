# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

T = TypeVar("T", bound="RegionUsage")


@_attrs_define
class RegionUsage:
    """The usage of a region."""

    region: str
    """ The id of the region. """
    requests: int
    """ The number of requests. """
    avg_latency_ms: int
    """ The mean duration of a request, in milliseconds. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        region = self.region

        requests = self.requests

        avg_latency_ms = self.avg_latency_ms

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "region": region,
                "requests": requests,
                "avg_latency_ms": avg_latency_ms,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        region = d.pop("region")

        requests = d.pop("requests")

        avg_latency_ms = d.pop("avg_latency_ms")

        region_usage = cls(
            region=region,
            requests=requests,
            avg_latency_ms=avg_latency_ms,
        )

        region_usage.additional_properties = d
        return region_usage

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
