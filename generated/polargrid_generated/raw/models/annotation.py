# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.annotation_type_type_0 import AnnotationTypeType0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.url_citation import UrlCitation


T = TypeVar("T", bound="Annotation")


@_attrs_define
class Annotation:
    """A source of a text."""

    type_: AnnotationTypeType0 | str
    """ Always `url_citation`. """
    url_citation: None | Unset | UrlCitation = UNSET
    """ The page, and the characters that it is the source of. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.url_citation import UrlCitation  # noqa: PLC0415

        type_: str
        if isinstance(self.type_, AnnotationTypeType0):
            type_ = self.type_.value
        else:
            type_ = self.type_

        url_citation: dict[str, Any] | None | Unset
        if isinstance(self.url_citation, Unset):
            url_citation = UNSET
        elif isinstance(self.url_citation, UrlCitation):
            url_citation = self.url_citation.to_dict()
        else:
            url_citation = self.url_citation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
            }
        )
        if url_citation is not UNSET:
            field_dict["url_citation"] = url_citation

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.url_citation import UrlCitation  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_type_(data: object) -> AnnotationTypeType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                type_type_0 = AnnotationTypeType0(data)

                return type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AnnotationTypeType0 | str, data)

        type_ = _parse_type_(d.pop("type"))

        def _parse_url_citation(data: object) -> None | Unset | UrlCitation:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                url_citation_type_0 = UrlCitation.from_dict(data)

                return url_citation_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UrlCitation, data)

        url_citation = _parse_url_citation(d.pop("url_citation", UNSET))

        annotation = cls(
            type_=type_,
            url_citation=url_citation,
        )

        annotation.additional_properties = d
        return annotation

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
