# Made from openapi.yaml by `make generate`; change that, not this.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.completion_chunk_choice_finish_reason_type_0 import CompletionChunkChoiceFinishReasonType0
from ..types import UNSET, Unset

T = TypeVar("T", bound="CompletionChunkChoice")


@_attrs_define
class CompletionChunkChoice:
    """What a chunk adds to one continuation."""

    text: str
    """ The next piece of text. """
    index: int
    """ Which continuation. """
    finish_reason: CompletionChunkChoiceFinishReasonType0 | None | str | Unset = UNSET
    """ Why it ended, in its last chunk; else null. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        index = self.index

        finish_reason: None | str | Unset
        if isinstance(self.finish_reason, Unset):
            finish_reason = UNSET
        elif isinstance(self.finish_reason, CompletionChunkChoiceFinishReasonType0):
            finish_reason = self.finish_reason.value
        else:
            finish_reason = self.finish_reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "text": text,
                "index": index,
            }
        )
        if finish_reason is not UNSET:
            field_dict["finish_reason"] = finish_reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        text = d.pop("text")

        index = d.pop("index")

        def _parse_finish_reason(data: object) -> CompletionChunkChoiceFinishReasonType0 | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finish_reason_type_0 = CompletionChunkChoiceFinishReasonType0(data)

                return finish_reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CompletionChunkChoiceFinishReasonType0 | None | str | Unset, data)

        finish_reason = _parse_finish_reason(d.pop("finish_reason", UNSET))

        completion_chunk_choice = cls(
            text=text,
            index=index,
            finish_reason=finish_reason,
        )

        completion_chunk_choice.additional_properties = d
        return completion_chunk_choice

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
