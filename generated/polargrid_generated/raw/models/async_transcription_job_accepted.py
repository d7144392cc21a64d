# Generated from openapi.yaml by `make generate`; do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define, field as _attrs_field

from ..models.async_transcription_job_accepted_status_type_0 import AsyncTranscriptionJobAcceptedStatusType0

if TYPE_CHECKING:
    from ..models.async_transcription_metadata import AsyncTranscriptionMetadata


T = TypeVar("T", bound="AsyncTranscriptionJobAccepted")


@_attrs_define
class AsyncTranscriptionJobAccepted:
    """A job that was created."""

    job_id: str
    """ The id of the job. """
    status: AsyncTranscriptionJobAcceptedStatusType0 | str
    """ Always `accepted`. """
    message: str
    """ The job, in a sentence. """
    metadata: AsyncTranscriptionMetadata
    """ The recording of a job. """
    poll_url: str
    """ Where the state of the job is, relative to the server. """
    result_url: str
    """ Where the transcript is when it is complete, relative to the server. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        job_id = self.job_id

        status: str
        if isinstance(self.status, AsyncTranscriptionJobAcceptedStatusType0):
            status = self.status.value
        else:
            status = self.status

        message = self.message

        metadata = self.metadata.to_dict()

        poll_url = self.poll_url

        result_url = self.result_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "job_id": job_id,
                "status": status,
                "message": message,
                "metadata": metadata,
                "poll_url": poll_url,
                "result_url": result_url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.async_transcription_metadata import AsyncTranscriptionMetadata  # noqa: PLC0415

        d = dict(src_dict)
        job_id = d.pop("job_id")

        def _parse_status(data: object) -> AsyncTranscriptionJobAcceptedStatusType0 | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = AsyncTranscriptionJobAcceptedStatusType0(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AsyncTranscriptionJobAcceptedStatusType0 | str, data)

        status = _parse_status(d.pop("status"))

        message = d.pop("message")

        metadata = AsyncTranscriptionMetadata.from_dict(d.pop("metadata"))

        poll_url = d.pop("poll_url")

        result_url = d.pop("result_url")

        async_transcription_job_accepted = cls(
            job_id=job_id,
            status=status,
            message=message,
            metadata=metadata,
            poll_url=poll_url,
            result_url=result_url,
        )

        async_transcription_job_accepted.additional_properties = d
        return async_transcription_job_accepted

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
