# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.transcription_job_status import TranscriptionJobStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.async_transcription_metadata import AsyncTranscriptionMetadata


T = TypeVar("T", bound="TranscriptionJobInfo")


@_attrs_define
class TranscriptionJobInfo:
    """The state of a job."""

    job_id: str
    """ The id of the job. """
    status: str | TranscriptionJobStatus
    created_at: str
    """ The time of the response, in ISO 8601 with a time zone. """
    updated_at: str
    """ The time of the response, in ISO 8601 with a time zone. """
    type_: str | Unset = "transcription"
    """ Always `transcription`. """
    started_at: None | str | Unset = UNSET
    """ When the transcription started. """
    completed_at: None | str | Unset = UNSET
    """ When the job ended. """
    progress: float | None | Unset = UNSET
    """ The part that is transcribed, from 0 to 1. """
    metadata: AsyncTranscriptionMetadata | None | Unset = UNSET
    """ The recording. """
    has_result: bool | None | Unset = UNSET
    """ Whether there is a transcript. """
    error: None | str | Unset = UNSET
    """ Why the job failed, in a sentence. """
    error_code: None | str | Unset = UNSET
    """ A stable name of the error for programs. """
    poll_interval_ms: int | None | Unset = UNSET
    """ How long to wait before the state is read again, in milliseconds. """
    result_url: None | str | Unset = UNSET
    """ Where the transcript is, relative to the server. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.async_transcription_metadata import AsyncTranscriptionMetadata  # noqa: PLC0415

        job_id = self.job_id

        status: str
        if isinstance(self.status, TranscriptionJobStatus):
            status = self.status.value
        else:
            status = self.status

        created_at = self.created_at

        updated_at = self.updated_at

        type_ = self.type_

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        else:
            started_at = self.started_at

        completed_at: None | str | Unset
        if isinstance(self.completed_at, Unset):
            completed_at = UNSET
        else:
            completed_at = self.completed_at

        progress: float | None | Unset
        if isinstance(self.progress, Unset):
            progress = UNSET
        else:
            progress = self.progress

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, AsyncTranscriptionMetadata):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        has_result: bool | None | Unset
        if isinstance(self.has_result, Unset):
            has_result = UNSET
        else:
            has_result = self.has_result

        error: None | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        else:
            error = self.error

        error_code: None | str | Unset
        if isinstance(self.error_code, Unset):
            error_code = UNSET
        else:
            error_code = self.error_code

        poll_interval_ms: int | None | Unset
        if isinstance(self.poll_interval_ms, Unset):
            poll_interval_ms = UNSET
        else:
            poll_interval_ms = self.poll_interval_ms

        result_url: None | str | Unset
        if isinstance(self.result_url, Unset):
            result_url = UNSET
        else:
            result_url = self.result_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "job_id": job_id,
                "status": status,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )
        if type_ is not UNSET:
            field_dict["type"] = type_
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if completed_at is not UNSET:
            field_dict["completed_at"] = completed_at
        if progress is not UNSET:
            field_dict["progress"] = progress
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if has_result is not UNSET:
            field_dict["has_result"] = has_result
        if error is not UNSET:
            field_dict["error"] = error
        if error_code is not UNSET:
            field_dict["error_code"] = error_code
        if poll_interval_ms is not UNSET:
            field_dict["poll_interval_ms"] = poll_interval_ms
        if result_url is not UNSET:
            field_dict["result_url"] = result_url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.async_transcription_metadata import AsyncTranscriptionMetadata  # noqa: PLC0415

        d = dict(src_dict)
        job_id = d.pop("job_id")

        def _parse_status(data: object) -> str | TranscriptionJobStatus:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = TranscriptionJobStatus(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | TranscriptionJobStatus, data)

        status = _parse_status(d.pop("status"))

        created_at = d.pop("created_at")

        updated_at = d.pop("updated_at")

        type_ = d.pop("type", UNSET)

        def _parse_started_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        def _parse_completed_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        completed_at = _parse_completed_at(d.pop("completed_at", UNSET))

        def _parse_progress(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        progress = _parse_progress(d.pop("progress", UNSET))

        def _parse_metadata(data: object) -> AsyncTranscriptionMetadata | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = AsyncTranscriptionMetadata.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AsyncTranscriptionMetadata | None | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        def _parse_has_result(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        has_result = _parse_has_result(d.pop("has_result", UNSET))

        def _parse_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_error_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_code = _parse_error_code(d.pop("error_code", UNSET))

        def _parse_poll_interval_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        poll_interval_ms = _parse_poll_interval_ms(d.pop("poll_interval_ms", UNSET))

        def _parse_result_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        result_url = _parse_result_url(d.pop("result_url", UNSET))

        transcription_job_info = cls(
            job_id=job_id,
            status=status,
            created_at=created_at,
            updated_at=updated_at,
            type_=type_,
            started_at=started_at,
            completed_at=completed_at,
            progress=progress,
            metadata=metadata,
            has_result=has_result,
            error=error,
            error_code=error_code,
            poll_interval_ms=poll_interval_ms,
            result_url=result_url,
        )

        transcription_job_info.additional_properties = d
        return transcription_job_info

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
