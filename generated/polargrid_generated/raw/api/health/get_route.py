# Generated from openapi.yaml by `make generate`; do not edit.
from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.get_route_scope import GetRouteScope
from ...models.route_response import RouteResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    scope: GetRouteScope | Unset = UNSET,
    model: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_scope: str | Unset = UNSET
    if not isinstance(scope, Unset):
        json_scope = scope.value

    params["scope"] = json_scope

    params["model"] = model

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "extensions": {"operation": "get_route"},
        "method": "get",
        "url": "/v1/route",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | RouteResponse | None:
    if response.status_code == 200:
        response_200 = RouteResponse.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorResponse.from_dict(response.json())

        return response_400

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

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
) -> Response[ErrorResponse | RouteResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    scope: GetRouteScope | Unset = UNSET,
    model: str | Unset = UNSET,
) -> Response[ErrorResponse | RouteResponse]:
    """Return the nearest region.

     The autorouter selects a region by the address of the client. It needs no API key. A server that is
    one region,
    such as the local edge, returns itself.

    Args:
        scope (GetRouteScope | Unset):
        model (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | RouteResponse]
    """

    kwargs = _get_kwargs(
        scope=scope,
        model=model,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    scope: GetRouteScope | Unset = UNSET,
    model: str | Unset = UNSET,
) -> ErrorResponse | RouteResponse | None:
    """Return the nearest region.

     The autorouter selects a region by the address of the client. It needs no API key. A server that is
    one region,
    such as the local edge, returns itself.

    Args:
        scope (GetRouteScope | Unset):
        model (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | RouteResponse
    """

    return sync_detailed(
        client=client,
        scope=scope,
        model=model,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    scope: GetRouteScope | Unset = UNSET,
    model: str | Unset = UNSET,
) -> Response[ErrorResponse | RouteResponse]:
    """Return the nearest region.

     The autorouter selects a region by the address of the client. It needs no API key. A server that is
    one region,
    such as the local edge, returns itself.

    Args:
        scope (GetRouteScope | Unset):
        model (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | RouteResponse]
    """

    kwargs = _get_kwargs(
        scope=scope,
        model=model,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    scope: GetRouteScope | Unset = UNSET,
    model: str | Unset = UNSET,
) -> ErrorResponse | RouteResponse | None:
    """Return the nearest region.

     The autorouter selects a region by the address of the client. It needs no API key. A server that is
    one region,
    such as the local edge, returns itself.

    Args:
        scope (GetRouteScope | Unset):
        model (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | RouteResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            scope=scope,
            model=model,
        )
    ).parsed
