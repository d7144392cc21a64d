# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.completion_logprobs_top_logprobs_type_0_item_type_0 import CompletionLogprobsTopLogprobsType0ItemType0


T = TypeVar("T", bound="CompletionLogprobs")


@_attrs_define
class CompletionLogprobs:
    """The log probabilities of the tokens of a text. The lists have an entry for each token."""

    tokens: list[str] | None | Unset = UNSET
    """ The tokens in order. """
    token_logprobs: list[float | None] | None | Unset = UNSET
    """ The natural logarithm of the probability of each token; null for the first token of a prompt. """
    top_logprobs: list[CompletionLogprobsTopLogprobsType0ItemType0 | None] | None | Unset = UNSET
    """ The most likely tokens at each position with their log probabilities. """
    text_offset: list[int] | None | Unset = UNSET
    """ The first character of each token in the text, from 0. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.completion_logprobs_top_logprobs_type_0_item_type_0 import (
            CompletionLogprobsTopLogprobsType0ItemType0,  # noqa: PLC0415
        )

        tokens: list[str] | None | Unset
        if isinstance(self.tokens, Unset):
            tokens = UNSET
        elif isinstance(self.tokens, list):
            tokens = self.tokens

        else:
            tokens = self.tokens

        token_logprobs: list[float | None] | None | Unset
        if isinstance(self.token_logprobs, Unset):
            token_logprobs = UNSET
        elif isinstance(self.token_logprobs, list):
            token_logprobs = []
            for token_logprobs_type_0_item_data in self.token_logprobs:
                token_logprobs_type_0_item: float | None
                token_logprobs_type_0_item = token_logprobs_type_0_item_data
                token_logprobs.append(token_logprobs_type_0_item)

        else:
            token_logprobs = self.token_logprobs

        top_logprobs: list[dict[str, Any] | None] | None | Unset
        if isinstance(self.top_logprobs, Unset):
            top_logprobs = UNSET
        elif isinstance(self.top_logprobs, list):
            top_logprobs = []
            for top_logprobs_type_0_item_data in self.top_logprobs:
                top_logprobs_type_0_item: dict[str, Any] | None
                if isinstance(top_logprobs_type_0_item_data, CompletionLogprobsTopLogprobsType0ItemType0):
                    top_logprobs_type_0_item = top_logprobs_type_0_item_data.to_dict()
                else:
                    top_logprobs_type_0_item = top_logprobs_type_0_item_data
                top_logprobs.append(top_logprobs_type_0_item)

        else:
            top_logprobs = self.top_logprobs

        text_offset: list[int] | None | Unset
        if isinstance(self.text_offset, Unset):
            text_offset = UNSET
        elif isinstance(self.text_offset, list):
            text_offset = self.text_offset

        else:
            text_offset = self.text_offset

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if tokens is not UNSET:
            field_dict["tokens"] = tokens
        if token_logprobs is not UNSET:
            field_dict["token_logprobs"] = token_logprobs
        if top_logprobs is not UNSET:
            field_dict["top_logprobs"] = top_logprobs
        if text_offset is not UNSET:
            field_dict["text_offset"] = text_offset

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.completion_logprobs_top_logprobs_type_0_item_type_0 import (
            CompletionLogprobsTopLogprobsType0ItemType0,  # noqa: PLC0415
        )

        d = dict(src_dict)

        def _parse_tokens(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tokens_type_0 = cast(list[str], data)

                return tokens_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        tokens = _parse_tokens(d.pop("tokens", UNSET))

        def _parse_token_logprobs(data: object) -> list[float | None] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                token_logprobs_type_0 = []
                _token_logprobs_type_0 = data
                for token_logprobs_type_0_item_data in _token_logprobs_type_0:

                    def _parse_token_logprobs_type_0_item(data: object) -> float | None:
                        if data is None:
                            return data
                        return cast(float | None, data)

                    token_logprobs_type_0_item = _parse_token_logprobs_type_0_item(token_logprobs_type_0_item_data)

                    token_logprobs_type_0.append(token_logprobs_type_0_item)

                return token_logprobs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[float | None] | None | Unset, data)

        token_logprobs = _parse_token_logprobs(d.pop("token_logprobs", UNSET))

        def _parse_top_logprobs(
            data: object,
        ) -> list[CompletionLogprobsTopLogprobsType0ItemType0 | None] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                top_logprobs_type_0 = []
                _top_logprobs_type_0 = data
                for top_logprobs_type_0_item_data in _top_logprobs_type_0:

                    def _parse_top_logprobs_type_0_item(
                        data: object,
                    ) -> CompletionLogprobsTopLogprobsType0ItemType0 | None:
                        if data is None:
                            return data
                        try:
                            if not isinstance(data, dict):
                                raise TypeError()
                            top_logprobs_type_0_item_type_0 = CompletionLogprobsTopLogprobsType0ItemType0.from_dict(
                                data
                            )

                            return top_logprobs_type_0_item_type_0
                        except (TypeError, ValueError, AttributeError, KeyError):
                            pass
                        return cast(CompletionLogprobsTopLogprobsType0ItemType0 | None, data)

                    top_logprobs_type_0_item = _parse_top_logprobs_type_0_item(top_logprobs_type_0_item_data)

                    top_logprobs_type_0.append(top_logprobs_type_0_item)

                return top_logprobs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[CompletionLogprobsTopLogprobsType0ItemType0 | None] | None | Unset, data)

        top_logprobs = _parse_top_logprobs(d.pop("top_logprobs", UNSET))

        def _parse_text_offset(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                text_offset_type_0 = cast(list[int], data)

                return text_offset_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        text_offset = _parse_text_offset(d.pop("text_offset", UNSET))

        completion_logprobs = cls(
            tokens=tokens,
            token_logprobs=token_logprobs,
            top_logprobs=top_logprobs,
            text_offset=text_offset,
        )

        completion_logprobs.additional_properties = d
        return completion_logprobs

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
