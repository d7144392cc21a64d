# Generated from openapi.yaml by `make generate`; do not edit.
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.transcription_response import TranscriptionResponse
from ...models.transcription_upload import TranscriptionUpload
from ...models.verbose_transcription_response import VerboseTranscriptionResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: TranscriptionUpload,
    sync: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    params: dict[str, Any] = {}

    params["sync"] = sync

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "transcribe"},
        "method": "post",
        "url": "/v1/audio/transcriptions",
        "params": params,
    }

    _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse | None:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> TranscriptionResponse | VerboseTranscriptionResponse:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = VerboseTranscriptionResponse.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = TranscriptionResponse.from_dict(data)

            return response_200_type_1

        response_200 = _parse_response_200(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 402:
        response_402 = ErrorResponse.from_dict(response.json())

        return response_402

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = ErrorResponse.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = ErrorResponse.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = ErrorResponse.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = ErrorResponse.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = ErrorResponse.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = ErrorResponse.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = ErrorResponse.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: TranscriptionUpload,
    sync: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse]:
    """Transcribe a recording.

     Takes an audio file in a common format and returns the transcript: as JSON, as `verbose_json` with
    timestamps, as plain text, or as subtitles in SRT or WebVTT.

    The raw client parses JSON only; a response of type `text/plain` or `text/vtt` raises
    `json.JSONDecodeError`.

    Args:
        sync (bool | Unset):  Default: True.
        idempotency_key (str | Unset):
        body (TranscriptionUpload): A recording and the options of its transcription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse]
    """

    kwargs = _get_kwargs(
        body=body,
        sync=sync,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: TranscriptionUpload,
    sync: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse | None:
    """Transcribe a recording.

     Takes an audio file in a common format and returns the transcript: as JSON, as `verbose_json` with
    timestamps, as plain text, or as subtitles in SRT or WebVTT.

    The raw client parses JSON only; a response of type `text/plain` or `text/vtt` raises
    `json.JSONDecodeError`.

    Args:
        sync (bool | Unset):  Default: True.
        idempotency_key (str | Unset):
        body (TranscriptionUpload): A recording and the options of its transcription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse
    """

    return sync_detailed(
        client=client,
        body=body,
        sync=sync,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: TranscriptionUpload,
    sync: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse]:
    """Transcribe a recording.

     Takes an audio file in a common format and returns the transcript: as JSON, as `verbose_json` with
    timestamps, as plain text, or as subtitles in SRT or WebVTT.

    The raw client parses JSON only; a response of type `text/plain` or `text/vtt` raises
    `json.JSONDecodeError`.

    Args:
        sync (bool | Unset):  Default: True.
        idempotency_key (str | Unset):
        body (TranscriptionUpload): A recording and the options of its transcription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse]
    """

    kwargs = _get_kwargs(
        body=body,
        sync=sync,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: TranscriptionUpload,
    sync: bool | Unset = True,
    idempotency_key: str | Unset = UNSET,
) -> ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse | None:
    """Transcribe a recording.

     Takes an audio file in a common format and returns the transcript: as JSON, as `verbose_json` with
    timestamps, as plain text, or as subtitles in SRT or WebVTT.

    The raw client parses JSON only; a response of type `text/plain` or `text/vtt` raises
    `json.JSONDecodeError`.

    Args:
        sync (bool | Unset):  Default: True.
        idempotency_key (str | Unset):
        body (TranscriptionUpload): A recording and the options of its transcription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | TranscriptionResponse | VerboseTranscriptionResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            sync=sync,
            idempotency_key=idempotency_key,
        )
    ).parsed
