# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.image_url_detail_type_1 import ImageUrlDetailType1
from ..models.image_url_detail_type_2_type_1 import ImageUrlDetailType2Type1
from ..models.image_url_detail_type_3_type_1 import ImageUrlDetailType3Type1
from ..types import UNSET, Unset

T = TypeVar("T", bound="ImageUrl")


@_attrs_define
class ImageUrl:
    """The location of an image."""

    url: str
    """ An https URL, or a data URL that contains the image. """
    detail: ImageUrlDetailType1 | ImageUrlDetailType2Type1 | ImageUrlDetailType3Type1 | None | Unset = UNSET
    """ The level of detail at which the model processes the image. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        detail: None | str | Unset
        if isinstance(self.detail, Unset):
            detail = UNSET
        elif isinstance(self.detail, ImageUrlDetailType1):
            detail = self.detail.value
        elif isinstance(self.detail, ImageUrlDetailType2Type1):
            detail = self.detail.value
        elif isinstance(self.detail, ImageUrlDetailType3Type1):
            detail = self.detail.value
        else:
            detail = self.detail

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "url": url,
            }
        )
        if detail is not UNSET:
            field_dict["detail"] = detail

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        url = d.pop("url")

        def _parse_detail(
            data: object,
        ) -> ImageUrlDetailType1 | ImageUrlDetailType2Type1 | ImageUrlDetailType3Type1 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                detail_type_1 = ImageUrlDetailType1(data)

                return detail_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                detail_type_2_type_1 = ImageUrlDetailType2Type1(data)

                return detail_type_2_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                detail_type_3_type_1 = ImageUrlDetailType3Type1(data)

                return detail_type_3_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ImageUrlDetailType1 | ImageUrlDetailType2Type1 | ImageUrlDetailType3Type1 | None | Unset, data)

        detail = _parse_detail(d.pop("detail", UNSET))

        image_url = cls(
            url=url,
            detail=detail,
        )

        image_url.additional_properties = d
        return image_url

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
