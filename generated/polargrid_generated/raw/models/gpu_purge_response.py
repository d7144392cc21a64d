# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.gpu_purge_response_status_type_0 import GPUPurgeResponseStatusType0

if TYPE_CHECKING:
    from ..models.gpu_memory_state import GPUMemoryState


T = TypeVar("T", bound="GPUPurgeResponse")


@_attrs_define
class GPUPurgeResponse:
    """The result of freeing GPU memory."""

    status: GPUPurgeResponseStatusType0 | str
    """ Whether all models were unloaded without an error. """
    timestamp: str
    """ The time of the response, in ISO 8601 with a time zone. """
    actions: list[str]
    """ The actions, each in a sentence. """
    memory_before: GPUMemoryState
    """ The memory of all GPUs together. """
    memory_after: GPUMemoryState
    """ The memory of all GPUs together. """
    memory_freed_gb: float
    """ The freed memory, in GiB. """
    models_unloaded: list[str]
    """ The ids of the models that were unloaded. """
    errors: list[str]
    """ An error message for each model that could not be unloaded. """
    recommendation: str
    """ A recommendation for what to do next, in a sentence. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str
        if isinstance(self.status, GPUPurgeResponseStatusType0):
            status = self.status.value
        else:
            status = self.status

        timestamp = self.timestamp

        actions = self.actions

        memory_before = self.memory_before.to_dict()

        memory_after = self.memory_after.to_dict()

        memory_freed_gb = self.memory_freed_gb

        models_unloaded = self.models_unloaded

        errors = self.errors

        recommendation = self.recommendation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "timestamp": timestamp,
                "actions": actions,
                "memory_before": memory_before,
                "memory_after": memory_after,
                "memory_freed_gb": memory_freed_gb,
                "models_unloaded": models_unloaded,
                "errors": errors,
                "recommendation": recommendation,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.gpu_memory_state import GPUMemoryState  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_status(data: object) -> GPUPurgeResponseStatusType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = GPUPurgeResponseStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(GPUPurgeResponseStatusType0 | str, data)

        status = _parse_status(d.pop("status"))

        timestamp = d.pop("timestamp")

        actions = cast(list[str], d.pop("actions"))

        memory_before = GPUMemoryState.from_dict(d.pop("memory_before"))

        memory_after = GPUMemoryState.from_dict(d.pop("memory_after"))

        memory_freed_gb = d.pop("memory_freed_gb")

        models_unloaded = cast(list[str], d.pop("models_unloaded"))

        errors = cast(list[str], d.pop("errors"))

        recommendation = d.pop("recommendation")

        gpu_purge_response = cls(
            status=status,
            timestamp=timestamp,
            actions=actions,
            memory_before=memory_before,
            memory_after=memory_after,
            memory_freed_gb=memory_freed_gb,
            models_unloaded=models_unloaded,
            errors=errors,
            recommendation=recommendation,
        )

        gpu_purge_response.additional_properties = d
        return gpu_purge_response

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
