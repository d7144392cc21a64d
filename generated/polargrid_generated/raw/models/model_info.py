# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.model_info_object_type_0 import ModelInfoObjectType0
from ..models.model_info_pg_model_type_type_0 import ModelInfoPgModelTypeType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.model_pricing import ModelPricing


T = TypeVar("T", bound="ModelInfo")


@_attrs_define
class ModelInfo:
    """A model of the server."""

    id: str
    """ The name of the model in requests. """
    object_: ModelInfoObjectType0 | str
    """ Always `model`. """
    created: int
    """ Creation time, in seconds since 1970-01-01 UTC (not milliseconds). """
    owned_by: str
    """ The owner of the model. """
    shutdown_date: None | str | Unset = UNSET
    """ The day from which the model is not served, in ISO 8601. """
    permission: list[Any] | Unset = UNSET
    """ Always empty; for compatibility with OpenAI's clients. """
    root: None | str | Unset = UNSET
    """ The id of the model that serves requests with this name: another one if the name stands for it. """
    parent: None | str | Unset = UNSET
    """ The model on which this model was fine-tuned. """
    pg_model_type: ModelInfoPgModelTypeType0 | None | str | Unset = UNSET
    """ The task of the model. """
    pg_parameters: int | None | Unset = UNSET
    """ The number of parameters. """
    pg_regions: list[str] | None | Unset = UNSET
    """ The regions that serve the model. """
    pg_avg_latency_ms: int | None | Unset = UNSET
    """ The mean duration of a request, in milliseconds. """
    pg_max_tokens: int | None | Unset = UNSET
    """ The size of the context in tokens, for request and response together. """
    pg_pricing: ModelPricing | None | Unset = UNSET
    """ The prices of the model. """
    pg_aliases: list[str] | None | Unset = UNSET
    """ The other names of the model on this server. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.model_pricing import ModelPricing  # noqa: PLC0415

        id = self.id

        object_: str
        if isinstance(self.object_, ModelInfoObjectType0):
            object_ = self.object_.value
        else:
            object_ = self.object_

        created = self.created

        owned_by = self.owned_by

        shutdown_date: None | str | Unset
        if isinstance(self.shutdown_date, Unset):
            shutdown_date = UNSET
        else:
            shutdown_date = self.shutdown_date

        permission: list[Any] | Unset = UNSET
        if not isinstance(self.permission, Unset):
            permission = self.permission

        root: None | str | Unset
        if isinstance(self.root, Unset):
            root = UNSET
        else:
            root = self.root

        parent: None | str | Unset
        if isinstance(self.parent, Unset):
            parent = UNSET
        else:
            parent = self.parent

        pg_model_type: None | str | Unset
        if isinstance(self.pg_model_type, Unset):
            pg_model_type = UNSET
        elif isinstance(self.pg_model_type, ModelInfoPgModelTypeType0):
            pg_model_type = self.pg_model_type.value
        else:
            pg_model_type = self.pg_model_type

        pg_parameters: int | None | Unset
        if isinstance(self.pg_parameters, Unset):
            pg_parameters = UNSET
        else:
            pg_parameters = self.pg_parameters

        pg_regions: list[str] | None | Unset
        if isinstance(self.pg_regions, Unset):
            pg_regions = UNSET
        elif isinstance(self.pg_regions, list):
            pg_regions = self.pg_regions

        else:
            pg_regions = self.pg_regions

        pg_avg_latency_ms: int | None | Unset
        if isinstance(self.pg_avg_latency_ms, Unset):
            pg_avg_latency_ms = UNSET
        else:
            pg_avg_latency_ms = self.pg_avg_latency_ms

        pg_max_tokens: int | None | Unset
        if isinstance(self.pg_max_tokens, Unset):
            pg_max_tokens = UNSET
        else:
            pg_max_tokens = self.pg_max_tokens

        pg_pricing: dict[str, Any] | None | Unset
        if isinstance(self.pg_pricing, Unset):
            pg_pricing = UNSET
        elif isinstance(self.pg_pricing, ModelPricing):
            pg_pricing = self.pg_pricing.to_dict()
        else:
            pg_pricing = self.pg_pricing

        pg_aliases: list[str] | None | Unset
        if isinstance(self.pg_aliases, Unset):
            pg_aliases = UNSET
        elif isinstance(self.pg_aliases, list):
            pg_aliases = self.pg_aliases

        else:
            pg_aliases = self.pg_aliases

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "object": object_,
                "created": created,
                "owned_by": owned_by,
            }
        )
        if shutdown_date is not UNSET:
            field_dict["shutdown_date"] = shutdown_date
        if permission is not UNSET:
            field_dict["permission"] = permission
        if root is not UNSET:
            field_dict["root"] = root
        if parent is not UNSET:
            field_dict["parent"] = parent
        if pg_model_type is not UNSET:
            field_dict["pg_model_type"] = pg_model_type
        if pg_parameters is not UNSET:
            field_dict["pg_parameters"] = pg_parameters
        if pg_regions is not UNSET:
            field_dict["pg_regions"] = pg_regions
        if pg_avg_latency_ms is not UNSET:
            field_dict["pg_avg_latency_ms"] = pg_avg_latency_ms
        if pg_max_tokens is not UNSET:
            field_dict["pg_max_tokens"] = pg_max_tokens
        if pg_pricing is not UNSET:
            field_dict["pg_pricing"] = pg_pricing
        if pg_aliases is not UNSET:
            field_dict["pg_aliases"] = pg_aliases

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.model_pricing import ModelPricing  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        def _parse_object_(data: object) -> ModelInfoObjectType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                object_type_0 = ModelInfoObjectType0(data)

                return object_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ModelInfoObjectType0 | str, data)

        object_ = _parse_object_(d.pop("object"))

        created = d.pop("created")

        owned_by = d.pop("owned_by")

        def _parse_shutdown_date(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        shutdown_date = _parse_shutdown_date(d.pop("shutdown_date", UNSET))

        permission = cast(list[Any], d.pop("permission", UNSET))

        def _parse_root(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        root = _parse_root(d.pop("root", UNSET))

        def _parse_parent(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parent = _parse_parent(d.pop("parent", UNSET))

        def _parse_pg_model_type(data: object) -> ModelInfoPgModelTypeType0 | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                pg_model_type_type_0 = ModelInfoPgModelTypeType0(data)

                return pg_model_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ModelInfoPgModelTypeType0 | None | str | Unset, data)

        pg_model_type = _parse_pg_model_type(d.pop("pg_model_type", UNSET))

        def _parse_pg_parameters(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        pg_parameters = _parse_pg_parameters(d.pop("pg_parameters", UNSET))

        def _parse_pg_regions(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                pg_regions_type_0 = cast(list[str], data)

                return pg_regions_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        pg_regions = _parse_pg_regions(d.pop("pg_regions", UNSET))

        def _parse_pg_avg_latency_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        pg_avg_latency_ms = _parse_pg_avg_latency_ms(d.pop("pg_avg_latency_ms", UNSET))

        def _parse_pg_max_tokens(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        pg_max_tokens = _parse_pg_max_tokens(d.pop("pg_max_tokens", UNSET))

        def _parse_pg_pricing(data: object) -> ModelPricing | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pg_pricing_type_0 = ModelPricing.from_dict(data)

                return pg_pricing_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ModelPricing | None | Unset, data)

        pg_pricing = _parse_pg_pricing(d.pop("pg_pricing", UNSET))

        def _parse_pg_aliases(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                pg_aliases_type_0 = cast(list[str], data)

                return pg_aliases_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        pg_aliases = _parse_pg_aliases(d.pop("pg_aliases", UNSET))

        model_info = cls(
            id=id,
            object_=object_,
            created=created,
            owned_by=owned_by,
            shutdown_date=shutdown_date,
            permission=permission,
            root=root,
            parent=parent,
            pg_model_type=pg_model_type,
            pg_parameters=pg_parameters,
            pg_regions=pg_regions,
            pg_avg_latency_ms=pg_avg_latency_ms,
            pg_max_tokens=pg_max_tokens,
            pg_pricing=pg_pricing,
            pg_aliases=pg_aliases,
        )

        model_info.additional_properties = d
        return model_info

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
