"""User code with `client.raw`. Type checkers read it; it never runs."""

from __future__ import annotations

from typing import assert_type

from polargrid import PolarGrid, PolarGridSync
from polargrid_generated.raw import AuthenticatedClient
from polargrid_generated.raw.api.models import list_models
from polargrid_generated.raw.models import ErrorResponse, ListModelsResponse
from polargrid_generated.raw.types import Response


async def call(client: PolarGrid, sync_client: PolarGridSync) -> None:
    assert_type(client.raw, AuthenticatedClient)
    assert_type(sync_client.raw, AuthenticatedClient)
    assert_type(await list_models.asyncio(client=client.raw), ErrorResponse | ListModelsResponse | None)
    response = list_models.sync_detailed(client=sync_client.raw)
    assert_type(response, Response[ErrorResponse | ListModelsResponse])


async def mistakes(client: PolarGrid) -> None:
    await list_models.asyncio(client=client)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
