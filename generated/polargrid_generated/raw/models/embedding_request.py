# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.embedding_request_encoding_format_type_1 import EmbeddingRequestEncodingFormatType1
from ..models.embedding_request_encoding_format_type_2_type_1 import EmbeddingRequestEncodingFormatType2Type1
from ..models.embedding_request_encoding_format_type_3_type_1 import EmbeddingRequestEncodingFormatType3Type1
from ..types import UNSET, Unset

T = TypeVar("T", bound="EmbeddingRequest")


@_attrs_define
class EmbeddingRequest:
    """A request for the embeddings of one or more texts."""

    model: str
    """ The id of the model. """
    input_: list[int] | list[list[int]] | list[str] | str
    """ A text, or its token ids, or a list of texts or of lists of token ids, each with a vector in the response.
    Token ids are those of the tokenizer of the model.
     """
    encoding_format: (
        EmbeddingRequestEncodingFormatType1
        | EmbeddingRequestEncodingFormatType2Type1
        | EmbeddingRequestEncodingFormatType3Type1
        | None
        | Unset
    ) = EmbeddingRequestEncodingFormatType1.FLOAT
    """ `float` returns each vector as a list of numbers, `base64` as the base64 of its 32-bit little-endian floats,
    which is a quarter of the size.
     """
    dimensions: int | None | Unset = UNSET
    """ The length of the vectors, for models that support several lengths. """
    user: None | str | Unset = UNSET
    """ An id of your end user. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model = self.model

        input_: list[int] | list[list[int]] | list[str] | str
        if isinstance(self.input_, list):
            input_ = self.input_

        elif isinstance(self.input_, list):
            input_ = self.input_

        elif isinstance(self.input_, list):
            input_ = []
            for input_type_3_item_data in self.input_:
                input_type_3_item = input_type_3_item_data

                input_.append(input_type_3_item)

        else:
            input_ = self.input_

        encoding_format: None | str | Unset
        if isinstance(self.encoding_format, Unset):
            encoding_format = UNSET
        elif isinstance(self.encoding_format, EmbeddingRequestEncodingFormatType1):
            encoding_format = self.encoding_format.value
        elif isinstance(self.encoding_format, EmbeddingRequestEncodingFormatType2Type1):
            encoding_format = self.encoding_format.value
        elif isinstance(self.encoding_format, EmbeddingRequestEncodingFormatType3Type1):
            encoding_format = self.encoding_format.value
        else:
            encoding_format = self.encoding_format

        dimensions: int | None | Unset
        if isinstance(self.dimensions, Unset):
            dimensions = UNSET
        else:
            dimensions = self.dimensions

        user: None | str | Unset
        if isinstance(self.user, Unset):
            user = UNSET
        else:
            user = self.user

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
                "input": input_,
            }
        )
        if encoding_format is not UNSET:
            field_dict["encoding_format"] = encoding_format
        if dimensions is not UNSET:
            field_dict["dimensions"] = dimensions
        if user is not UNSET:
            field_dict["user"] = user

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        model = d.pop("model")

        def _parse_input_(data: object) -> list[int] | list[list[int]] | list[str] | str:
            try:
                if not isinstance(data, list):
                    raise TypeError()
                input_type_1 = cast(list[str], data)

                return input_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, list):
                    raise TypeError()
                input_type_2 = cast(list[int], data)

                return input_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, list):
                    raise TypeError()
                input_type_3 = []
                _input_type_3 = data
                for input_type_3_item_data in _input_type_3:
                    input_type_3_item = cast(list[int], input_type_3_item_data)

                    input_type_3.append(input_type_3_item)

                return input_type_3
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | list[list[int]] | list[str] | str, data)

        input_ = _parse_input_(d.pop("input"))

        def _parse_encoding_format(
            data: object,
        ) -> (
            EmbeddingRequestEncodingFormatType1
            | EmbeddingRequestEncodingFormatType2Type1
            | EmbeddingRequestEncodingFormatType3Type1
            | None
            | Unset
        ):
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                encoding_format_type_1 = EmbeddingRequestEncodingFormatType1(data)

                return encoding_format_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                encoding_format_type_2_type_1 = EmbeddingRequestEncodingFormatType2Type1(data)

                return encoding_format_type_2_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                encoding_format_type_3_type_1 = EmbeddingRequestEncodingFormatType3Type1(data)

                return encoding_format_type_3_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                EmbeddingRequestEncodingFormatType1
                | EmbeddingRequestEncodingFormatType2Type1
                | EmbeddingRequestEncodingFormatType3Type1
                | None
                | Unset,
                data,
            )

        encoding_format = _parse_encoding_format(d.pop("encoding_format", UNSET))

        def _parse_dimensions(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        dimensions = _parse_dimensions(d.pop("dimensions", UNSET))

        def _parse_user(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user = _parse_user(d.pop("user", UNSET))

        embedding_request = cls(
            model=model,
            input_=input_,
            encoding_format=encoding_format,
            dimensions=dimensions,
            user=user,
        )

        embedding_request.additional_properties = d
        return embedding_request

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
