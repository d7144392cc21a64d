# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.health_response_status_type_0 import HealthResponseStatusType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.backend_status import BackendStatus
    from ..models.health_features import HealthFeatures


T = TypeVar("T", bound="HealthResponse")


@_attrs_define
class HealthResponse:
    """The health of the server."""

    status: HealthResponseStatusType0 | str
    """ The state of the server. """
    runtime: str
    """ The runtime of the models. """
    timestamp: str
    """ The time of the response, in ISO 8601 with a time zone. """
    backend: BackendStatus
    """ The health of the software that runs the models. """
    node: None | str | Unset = UNSET
    """ The name of the server or of its region. """
    features: HealthFeatures | Unset = UNSET
    """ The features of the server. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str
        if isinstance(self.status, HealthResponseStatusType0):
            status = self.status.value
        else:
            status = self.status

        runtime = self.runtime

        timestamp = self.timestamp

        backend = self.backend.to_dict()

        node: None | str | Unset
        if isinstance(self.node, Unset):
            node = UNSET
        else:
            node = self.node

        features: dict[str, Any] | Unset = UNSET
        if not isinstance(self.features, Unset):
            features = self.features.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "runtime": runtime,
                "timestamp": timestamp,
                "backend": backend,
            }
        )
        if node is not UNSET:
            field_dict["node"] = node
        if features is not UNSET:
            field_dict["features"] = features

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.backend_status import BackendStatus  # noqa: PLC0415
        from ..models.health_features import HealthFeatures  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_status(data: object) -> HealthResponseStatusType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = HealthResponseStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(HealthResponseStatusType0 | str, data)

        status = _parse_status(d.pop("status"))

        runtime = d.pop("runtime")

        timestamp = d.pop("timestamp")

        backend = BackendStatus.from_dict(d.pop("backend"))

        def _parse_node(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        node = _parse_node(d.pop("node", UNSET))

        _features = d.pop("features", UNSET)
        features: HealthFeatures | Unset
        if isinstance(_features, Unset):
            features = UNSET
        else:
            features = HealthFeatures.from_dict(_features)

        health_response = cls(
            status=status,
            runtime=runtime,
            timestamp=timestamp,
            backend=backend,
            node=node,
            features=features,
        )

        health_response.additional_properties = d
        return health_response

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
