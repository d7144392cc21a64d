# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.model_usage import ModelUsage
    from ..models.region_usage import RegionUsage


T = TypeVar("T", bound="UsageStats")


@_attrs_define
class UsageStats:
    """Requests, tokens and cost."""

    total_requests: int
    """ The number of requests. """
    total_tokens: int
    """ The number of tokens of the requests and their responses. """
    total_cost: float
    """ The cost, in US dollars. """
    by_model: list[ModelUsage] | Unset = UNSET
    """ The usage of each model. """
    by_region: list[RegionUsage] | Unset = UNSET
    """ The usage of each region. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        total_requests = self.total_requests

        total_tokens = self.total_tokens

        total_cost = self.total_cost

        by_model: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.by_model, Unset):
            by_model = []
            for by_model_item_data in self.by_model:
                by_model_item = by_model_item_data.to_dict()
                by_model.append(by_model_item)

        by_region: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.by_region, Unset):
            by_region = []
            for by_region_item_data in self.by_region:
                by_region_item = by_region_item_data.to_dict()
                by_region.append(by_region_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "total_requests": total_requests,
                "total_tokens": total_tokens,
                "total_cost": total_cost,
            }
        )
        if by_model is not UNSET:
            field_dict["by_model"] = by_model
        if by_region is not UNSET:
            field_dict["by_region"] = by_region

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.model_usage import ModelUsage  # noqa: PLC0415
        from ..models.region_usage import RegionUsage  # noqa: PLC0415

        d = dict(src_dict)
        total_requests = d.pop("total_requests")

        total_tokens = d.pop("total_tokens")

        total_cost = d.pop("total_cost")

        _by_model = d.pop("by_model", UNSET)
        by_model: list[ModelUsage] | Unset = UNSET
        if _by_model is not UNSET:
            by_model = []
            for by_model_item_data in _by_model:
                by_model_item = ModelUsage.from_dict(by_model_item_data)

                by_model.append(by_model_item)

        _by_region = d.pop("by_region", UNSET)
        by_region: list[RegionUsage] | Unset = UNSET
        if _by_region is not UNSET:
            by_region = []
            for by_region_item_data in _by_region:
                by_region_item = RegionUsage.from_dict(by_region_item_data)

                by_region.append(by_region_item)

        usage_stats = cls(
            total_requests=total_requests,
            total_tokens=total_tokens,
            total_cost=total_cost,
            by_model=by_model,
            by_region=by_region,
        )

        usage_stats.additional_properties = d
        return usage_stats

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
