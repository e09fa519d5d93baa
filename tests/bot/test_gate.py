"""The gate: those inside may finish, those outside do nothing."""

import asyncio

from bot.gate import Gate


async def test_an_empty_gate_closes_at_once() -> None:
    gate = Gate()
    assert not gate.closed
    assert await gate.close(patience=0.01)
    assert gate.closed


async def test_it_waits_for_the_last_one_inside() -> None:
    gate = Gate()
    with gate.passing() as first:
        with gate.passing() as second:
            closing = asyncio.create_task(gate.close(patience=5))
            await asyncio.sleep(0)
            with gate.passing() as late:
                assert (first, second, late) == (True, True, False)
        await asyncio.sleep(0)
        assert not closing.done()
    assert await closing


async def test_its_patience_ends() -> None:
    gate = Gate()
    with gate.passing():
        assert not await gate.close(patience=0.01)
