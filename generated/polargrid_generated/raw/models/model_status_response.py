# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

if TYPE_CHECKING:
    from ..models.model_status_response_loading_status import ModelStatusResponseLoadingStatus


T = TypeVar("T", bound="ModelStatusResponse")


@_attrs_define
class ModelStatusResponse:
    """The load state of the models."""

    loaded: list[str]
    """ The ids of the loaded models. """
    loading_status: ModelStatusResponseLoadingStatus
    """ The state of each model, by its id; the other names of a model have none. """
    repository: str
    """ The location of the model files on the server. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        loaded = self.loaded

        loading_status = self.loading_status.to_dict()

        repository = self.repository

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "loaded": loaded,
                "loading_status": loading_status,
                "repository": repository,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.model_status_response_loading_status import ModelStatusResponseLoadingStatus  # noqa: PLC0415

        d = dict(src_dict)
        loaded = cast(list[str], d.pop("loaded"))

        loading_status = ModelStatusResponseLoadingStatus.from_dict(d.pop("loading_status"))

        repository = d.pop("repository")

        model_status_response = cls(
            loaded=loaded,
            loading_status=loading_status,
            repository=repository,
        )

        model_status_response.additional_properties = d
        return model_status_response

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
