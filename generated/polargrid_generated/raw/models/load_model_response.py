# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.load_model_response_status_type_0 import LoadModelResponseStatusType0

T = TypeVar("T", bound="LoadModelResponse")


@_attrs_define
class LoadModelResponse:
    """The result of loading a model."""

    status: LoadModelResponseStatusType0 | str
    """ Whether the model is loaded. """
    model: str
    """ The name of the model, as in the request. """
    force_reload: bool
    """ The `force_reload` of the request. """
    message: str
    """ The result, in a sentence. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str
        if isinstance(self.status, LoadModelResponseStatusType0):
            status = self.status.value
        else:
            status = self.status

        model = self.model

        force_reload = self.force_reload

        message = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "model": model,
                "force_reload": force_reload,
                "message": message,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_status(data: object) -> LoadModelResponseStatusType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = LoadModelResponseStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LoadModelResponseStatusType0 | str, data)

        status = _parse_status(d.pop("status"))

        model = d.pop("model")

        force_reload = d.pop("force_reload")

        message = d.pop("message")

        load_model_response = cls(
            status=status,
            model=model,
            force_reload=force_reload,
            message=message,
        )

        load_model_response.additional_properties = d
        return load_model_response

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
