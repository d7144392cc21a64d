# Generated from openapi.yaml by `make generate`; do not edit.
from http import HTTPStatus
from io import BytesIO
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.text_to_speech_request import TextToSpeechRequest
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    *,
    body: TextToSpeechRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "text_to_speech"},
        "method": "post",
        "url": "/v1/audio/speech",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> ErrorResponse | File | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

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
) -> Response[ErrorResponse | File]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: TextToSpeechRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorResponse | File]:
    """Synthesize speech from text.

     Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
    sentence by sentence; `pcm` and `opus` can be played before the response is complete.

    The raw client returns `audio/mpeg`, `audio/ogg`, `audio/aac`, `audio/flac`, `audio/wav` or
    `audio/pcm` as bytes or text; the headers of the response say which it is.

    Args:
        idempotency_key (str | Unset):
        body (TextToSpeechRequest): A request to synthesize speech.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | File]
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
    body: TextToSpeechRequest,
    idempotency_key: str | Unset = UNSET,
) -> ErrorResponse | File | None:
    """Synthesize speech from text.

     Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
    sentence by sentence; `pcm` and `opus` can be played before the response is complete.

    The raw client returns `audio/mpeg`, `audio/ogg`, `audio/aac`, `audio/flac`, `audio/wav` or
    `audio/pcm` as bytes or text; the headers of the response say which it is.

    Args:
        idempotency_key (str | Unset):
        body (TextToSpeechRequest): A request to synthesize speech.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | File
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: TextToSpeechRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ErrorResponse | File]:
    """Synthesize speech from text.

     Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
    sentence by sentence; `pcm` and `opus` can be played before the response is complete.

    The raw client returns `audio/mpeg`, `audio/ogg`, `audio/aac`, `audio/flac`, `audio/wav` or
    `audio/pcm` as bytes or text; the headers of the response say which it is.

    Args:
        idempotency_key (str | Unset):
        body (TextToSpeechRequest): A request to synthesize speech.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | File]
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
    body: TextToSpeechRequest,
    idempotency_key: str | Unset = UNSET,
) -> ErrorResponse | File | None:
    """Synthesize speech from text.

     Returns audio in the requested format. With `stream: true` the audio is sent while it is generated,
    sentence by sentence; `pcm` and `opus` can be played before the response is complete.

    The raw client returns `audio/mpeg`, `audio/ogg`, `audio/aac`, `audio/flac`, `audio/wav` or
    `audio/pcm` as bytes or text; the headers of the response say which it is.

    Args:
        idempotency_key (str | Unset):
        body (TextToSpeechRequest): A request to synthesize speech.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | File
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
