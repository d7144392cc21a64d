"""What event loops do: waits with a limit."""

import asyncio

import pytest

from polargrid_transport.concurrency import async_within

LONG = 60


@pytest.mark.parametrize("library", ["asyncio", None])
def test_a_wait_that_ends_already_can_be_interrupted(library):
    """Its limit and another task may end it in the same step of the loop."""
    ends = []

    async def wait():
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            ends[0]()
            raise

    async def run():
        with pytest.raises(TimeoutError):
            await async_within(lambda: 0.0, wait(), library, ends.append)

    asyncio.run(run())
    assert ends[1:] == [None]
