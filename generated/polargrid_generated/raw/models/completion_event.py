# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.completion_event_data_type_0_type_0 import CompletionEventDataType0Type0

T = TypeVar("T", bound="CompletionEvent")


@_attrs_define
class CompletionEvent:
    """A server-sent event of a streamed response."""

    data: CompletionEventDataType0Type0 | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        data: str
        if isinstance(self.data, CompletionEventDataType0Type0):
            data = self.data.value
        else:
            data = self.data

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_data(data: object) -> CompletionEventDataType0Type0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                data_type_0_type_0 = CompletionEventDataType0Type0(data)

                return data_type_0_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CompletionEventDataType0Type0 | str, data)

        data = _parse_data(d.pop("data"))

        completion_event = cls(
            data=data,
        )

        completion_event.additional_properties = d
        return completion_event

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
