# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PGMetadata")


@_attrs_define
class PGMetadata:
    """PolarGrid's metadata of a response."""

    region: str
    """ The region that served the request. """
    latency_ms: int | None | Unset = UNSET
    """ Total time on the server, in milliseconds. """
    model_load_time_ms: int | None | Unset = UNSET
    """ Time to load the model, in milliseconds. """
    queue_time_ms: int | None | Unset = UNSET
    """ Time in the queue, in milliseconds. """
    inference_time_ms: int | None | Unset = UNSET
    """ Time of inference, in milliseconds. """
    served_model: None | str | Unset = UNSET
    """ The id of the model that served the request, if the request used another name. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        region = self.region

        latency_ms: int | None | Unset
        if isinstance(self.latency_ms, Unset):
            latency_ms = UNSET
        else:
            latency_ms = self.latency_ms

        model_load_time_ms: int | None | Unset
        if isinstance(self.model_load_time_ms, Unset):
            model_load_time_ms = UNSET
        else:
            model_load_time_ms = self.model_load_time_ms

        queue_time_ms: int | None | Unset
        if isinstance(self.queue_time_ms, Unset):
            queue_time_ms = UNSET
        else:
            queue_time_ms = self.queue_time_ms

        inference_time_ms: int | None | Unset
        if isinstance(self.inference_time_ms, Unset):
            inference_time_ms = UNSET
        else:
            inference_time_ms = self.inference_time_ms

        served_model: None | str | Unset
        if isinstance(self.served_model, Unset):
            served_model = UNSET
        else:
            served_model = self.served_model

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "region": region,
            }
        )
        if latency_ms is not UNSET:
            field_dict["latency_ms"] = latency_ms
        if model_load_time_ms is not UNSET:
            field_dict["model_load_time_ms"] = model_load_time_ms
        if queue_time_ms is not UNSET:
            field_dict["queue_time_ms"] = queue_time_ms
        if inference_time_ms is not UNSET:
            field_dict["inference_time_ms"] = inference_time_ms
        if served_model is not UNSET:
            field_dict["served_model"] = served_model

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        region = d.pop("region")

        def _parse_latency_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        latency_ms = _parse_latency_ms(d.pop("latency_ms", UNSET))

        def _parse_model_load_time_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        model_load_time_ms = _parse_model_load_time_ms(d.pop("model_load_time_ms", UNSET))

        def _parse_queue_time_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        queue_time_ms = _parse_queue_time_ms(d.pop("queue_time_ms", UNSET))

        def _parse_inference_time_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        inference_time_ms = _parse_inference_time_ms(d.pop("inference_time_ms", UNSET))

        def _parse_served_model(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        served_model = _parse_served_model(d.pop("served_model", UNSET))

        pg_metadata = cls(
            region=region,
            latency_ms=latency_ms,
            model_load_time_ms=model_load_time_ms,
            queue_time_ms=queue_time_ms,
            inference_time_ms=inference_time_ms,
            served_model=served_model,
        )

        pg_metadata.additional_properties = d
        return pg_metadata

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
