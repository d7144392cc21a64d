# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define, field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.backend_info import BackendInfo


T = TypeVar("T", bound="BackendStatus")


@_attrs_define
class BackendStatus:
    """The health of the software that runs the models."""

    healthy: bool
    """ Whether the software is healthy. """
    info: BackendInfo | Unset = UNSET
    """ The software that runs the models. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        healthy = self.healthy

        info: dict[str, Any] | Unset = UNSET
        if not isinstance(self.info, Unset):
            info = self.info.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "healthy": healthy,
            }
        )
        if info is not UNSET:
            field_dict["info"] = info

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.backend_info import BackendInfo  # noqa: PLC0415

        d = dict(src_dict)
        healthy = d.pop("healthy")

        _info = d.pop("info", UNSET)
        info: BackendInfo | Unset
        if isinstance(_info, Unset):
            info = UNSET
        else:
            info = BackendInfo.from_dict(_info)

        backend_status = cls(
            healthy=healthy,
            info=info,
        )

        backend_status.additional_properties = d
        return backend_status

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
