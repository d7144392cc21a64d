# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

if TYPE_CHECKING:
    from ..models.usage_period import UsagePeriod
    from ..models.usage_stats import UsageStats


T = TypeVar("T", bound="UsageResponse")


@_attrs_define
class UsageResponse:
    """The usage of an API key in a period."""

    period: UsagePeriod
    """ A period of days. """
    usage: UsageStats
    """ Requests, tokens and cost. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        period = self.period.to_dict()

        usage = self.usage.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "period": period,
                "usage": usage,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.usage_period import UsagePeriod  # noqa: PLC0415
        from ..models.usage_stats import UsageStats  # noqa: PLC0415

        d = dict(src_dict)
        period = UsagePeriod.from_dict(d.pop("period"))

        usage = UsageStats.from_dict(d.pop("usage"))

        usage_response = cls(
            period=period,
            usage=usage,
        )

        usage_response.additional_properties = d
        return usage_response

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
