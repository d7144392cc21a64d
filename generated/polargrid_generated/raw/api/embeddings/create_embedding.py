# Generated from openapi.yaml by `make generate`; do not edit.
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.base_64_embedding_response import Base64EmbeddingResponse
from ...models.embedding_request import EmbeddingRequest
from ...models.embedding_response import EmbeddingResponse
from ...models.error_response import ErrorResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: EmbeddingRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "create_embedding"},
        "method": "post",
        "url": "/v1/embeddings",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse | None:
    if response.status_code == 200:

        def _parse_response_200(data: object) -> Base64EmbeddingResponse | EmbeddingResponse:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = EmbeddingResponse.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = Base64EmbeddingResponse.from_dict(data)

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
) -> Response[Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: EmbeddingRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse]:
    """Compute the embeddings of texts.

     Returns a vector for each input, in the order of the inputs. The vectors of texts with a similar
    meaning point in
    a similar direction, so that the cosine of their angle measures the similarity.

    Args:
        idempotency_key (str | Unset):
        body (EmbeddingRequest): A request for the embeddings of one or more texts.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse]
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
    body: EmbeddingRequest,
    idempotency_key: str | Unset = UNSET,
) -> Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse | None:
    """Compute the embeddings of texts.

     Returns a vector for each input, in the order of the inputs. The vectors of texts with a similar
    meaning point in
    a similar direction, so that the cosine of their angle measures the similarity.

    Args:
        idempotency_key (str | Unset):
        body (EmbeddingRequest): A request for the embeddings of one or more texts.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: EmbeddingRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse]:
    """Compute the embeddings of texts.

     Returns a vector for each input, in the order of the inputs. The vectors of texts with a similar
    meaning point in
    a similar direction, so that the cosine of their angle measures the similarity.

    Args:
        idempotency_key (str | Unset):
        body (EmbeddingRequest): A request for the embeddings of one or more texts.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse]
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
    body: EmbeddingRequest,
    idempotency_key: str | Unset = UNSET,
) -> Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse | None:
    """Compute the embeddings of texts.

     Returns a vector for each input, in the order of the inputs. The vectors of texts with a similar
    meaning point in
    a similar direction, so that the cosine of their angle measures the similarity.

    Args:
        idempotency_key (str | Unset):
        body (EmbeddingRequest): A request for the embeddings of one or more texts.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Base64EmbeddingResponse | EmbeddingResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
