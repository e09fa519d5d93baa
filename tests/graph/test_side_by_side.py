"""Requests side by side: the first error is told as it is, and nothing goes on behind it."""

import asyncio

import pytest

from graph.errors import NotFound, Unavailable
from graph.side_by_side import side_by_side


async def test_all_results_are_there_at_the_end() -> None:
    async def later(number: int) -> int:
        await asyncio.sleep(0)
        return number

    async with side_by_side() as group:
        tasks = [group.create_task(later(number)) for number in range(3)]
    assert [task.result() for task in tasks] == [0, 1, 2]


async def test_the_first_error_comes_out_as_itself_and_ends_the_others() -> None:
    ended = asyncio.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        raise NotFound(status=404)

    async def together() -> None:
        async with side_by_side() as group:
            group.create_task(for_ever())
            group.create_task(fails())

    with pytest.raises(NotFound):
        await together()
    assert ended.is_set()


async def test_an_error_of_the_caller_comes_out_as_itself_too() -> None:
    async def fails() -> None:
        async with side_by_side():
            raise Unavailable(status=503)

    with pytest.raises(Unavailable):
        await fails()
