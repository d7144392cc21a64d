# Generated from openapi.yaml by `make generate`; do not edit.
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.transcription_stream_upload import TranscriptionStreamUpload
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: TranscriptionStreamUpload,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "stream_transcription"},
        "method": "post",
        "url": "/v1/audio/transcriptions?stream=true",
    }

    _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ErrorResponse | str | None:
    if response.status_code == 200:
        response_200 = response.text
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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[ErrorResponse | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: TranscriptionStreamUpload,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorResponse | str]:
    """Transcribe a recording as a stream.

     Takes an audio file and returns its transcript while it is made, as a stream of server-sent events:
    the text of
    each segment (`transcript.text.delta`), and at the end the whole text (`transcript.text.done`). An
    event of the
    type `error`, with the message in `error`, ends a stream that fails.

    The raw client does not stream: it reads all events, and returns them as one text. The methods of
    `PolarGrid` and `PolarGridSync` stream them.

    Args:
        idempotency_key (str | Unset):
        body (TranscriptionStreamUpload): A recording and the options of its transcription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | str]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: TranscriptionStreamUpload,
    idempotency_key: str | Unset = UNSET,
) -> ErrorResponse | str | None:
    """Transcribe a recording as a stream.

     Takes an audio file and returns its transcript while it is made, as a stream of server-sent events:
    the text of
    each segment (`transcript.text.delta`), and at the end the whole text (`transcript.text.done`). An
    event of the
    type `error`, with the message in `error`, ends a stream that fails.

    The raw client does not stream: it reads all events, and returns them as one text. The methods of
    `PolarGrid` and `PolarGridSync` stream them.

    Args:
        idempotency_key (str | Unset):
        body (TranscriptionStreamUpload): A recording and the options of its transcription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | str
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: TranscriptionStreamUpload,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorResponse | str]:
    """Transcribe a recording as a stream.

     Takes an audio file and returns its transcript while it is made, as a stream of server-sent events:
    the text of
    each segment (`transcript.text.delta`), and at the end the whole text (`transcript.text.done`). An
    event of the
    type `error`, with the message in `error`, ends a stream that fails.

    The raw client does not stream: it reads all events, and returns them as one text. The methods of
    `PolarGrid` and `PolarGridSync` stream them.

    Args:
        idempotency_key (str | Unset):
        body (TranscriptionStreamUpload): A recording and the options of its transcription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | str]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: TranscriptionStreamUpload,
    idempotency_key: str | Unset = UNSET,
) -> ErrorResponse | str | None:
    """Transcribe a recording as a stream.

     Takes an audio file and returns its transcript while it is made, as a stream of server-sent events:
    the text of
    each segment (`transcript.text.delta`), and at the end the whole text (`transcript.text.done`). An
    event of the
    type `error`, with the message in `error`, ends a stream that fails.

    The raw client does not stream: it reads all events, and returns them as one text. The methods of
    `PolarGrid` and `PolarGridSync` stream them.

    Args:
        idempotency_key (str | Unset):
        body (TranscriptionStreamUpload): A recording and the options of its transcription.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | str
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
