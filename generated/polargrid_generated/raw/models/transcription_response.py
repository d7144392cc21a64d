# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pg_metadata import PGMetadata


T = TypeVar("T", bound="TranscriptionResponse")


@_attrs_define
class TranscriptionResponse:
    """A transcript."""

    text: str
    """ The transcript. """
    pg_metadata: None | PGMetadata | Unset = UNSET
    """ PolarGrid's metadata of the response. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415

        text = self.text

        pg_metadata: dict[str, Any] | None | Unset
        if isinstance(self.pg_metadata, Unset):
            pg_metadata = UNSET
        elif isinstance(self.pg_metadata, PGMetadata):
            pg_metadata = self.pg_metadata.to_dict()
        else:
            pg_metadata = self.pg_metadata

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "text": text,
            }
        )
        if pg_metadata is not UNSET:
            field_dict["pg_metadata"] = pg_metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pg_metadata import PGMetadata  # noqa: PLC0415

        d = dict(src_dict)
        text = d.pop("text")

        def _parse_pg_metadata(data: object) -> None | PGMetadata | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pg_metadata_type_0 = PGMetadata.from_dict(data)

                return pg_metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PGMetadata | Unset, data)

        pg_metadata = _parse_pg_metadata(d.pop("pg_metadata", UNSET))

        transcription_response = cls(
            text=text,
            pg_metadata=pg_metadata,
        )

        transcription_response.additional_properties = d
        return transcription_response

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
