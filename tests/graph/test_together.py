"""Reads that leave together: one request, an answer or an error for each, and nothing believed that did not come."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from graph.errors import BadRequest, Forbidden, GraphError, NotFound, Throttled, Unavailable, Unreadable
from graph.paths import path
from graph.together import together
from tests.graph.rig import Rig

NAMES = ("Torunn Bø", "Kari Bråten", "Unni Bergersen")
Answering = Callable[[web.Request], Awaitable[web.Response]]


def _sent(rig: Rig) -> list[str]:
    return [f"{each.method} {each.path}" for each in rig.entra.requests if each.batch is None]


async def _names(rig: Rig, names: Sequence[str] = NAMES) -> list[str]:
    async with together() as group:
        tasks = [group.create_task(rig.users.get(rig.who(name).object_id)) for name in names]
    return [task.result().display_name for task in tasks]


async def _methods(rig: Rig) -> None:
    async with together() as group:
        for name in NAMES[:2]:
            group.create_task(rig.methods.list(rig.who(name).object_id))


async def test_what_is_asked_side_by_side_is_one_request_and_each_gets_its_own_answer(rig: Rig) -> None:
    assert await _names(rig) == list(NAMES)
    assert _sent(rig) == ["POST /$batch"]


async def test_one_question_alone_is_no_batch(rig: Rig) -> None:
    assert await _names(rig, NAMES[:1]) == list(NAMES[:1])
    assert _sent(rig) == [f"GET /users/{rig.who(NAMES[0]).object_id}"]


async def test_everything_that_makes_an_account_privileged_is_one_request(rig: Rig) -> None:
    assert not (await rig.roles.privileged(rig.who("Kari Bråten").object_id)).privileged
    assert _sent(rig) == ["POST /$batch"]


async def test_a_group_within_a_group_leaves_with_it(rig: Rig) -> None:
    async with together() as group:
        group.create_task(_names(rig))
        group.create_task(rig.roles.privileged(rig.who("Kari Bråten").object_id))
    assert _sent(rig) == ["POST /$batch"]


async def test_more_than_twenty_are_more_than_one_batch(rig: Rig) -> None:
    people = [each.object_id for each in rig.entra.world.residents][:25]
    async with together() as group:
        tasks = [group.create_task(rig.users.get(each)) for each in people]
    assert [task.result().id for task in tasks] == people
    assert _sent(rig) == ["POST /$batch"] * 2


async def test_outside_of_a_group_nothing_is_held_back(rig: Rig) -> None:
    await _names(rig)
    await asyncio.gather(*(rig.users.get(rig.who(name).object_id) for name in NAMES))
    assert len(_sent(rig)) == 4


@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (404, NotFound), (400, BadRequest)])
async def test_a_part_that_is_refused_is_an_error_of_its_own(
    rig: Rig, status: int, error: type[GraphError]
) -> None:
    async def tried(name: str) -> str:
        try:
            return (await rig.users.get(rig.who(name).object_id)).display_name
        except error:
            return "refused"

    rig.entra.faults.answer(f"GET /users/{rig.who(NAMES[1]).object_id}", status)
    async with together() as group:
        tasks = [group.create_task(tried(name)) for name in NAMES]
    assert [task.result() for task in tasks] == [NAMES[0], "refused", NAMES[2]]


async def test_a_part_that_is_throttled_waits_as_long_as_it_was_told_and_goes_alone(rig: Rig) -> None:
    second = f"GET /users/{rig.who(NAMES[1]).object_id}"
    rig.entra.faults.answer(second, 429, retry_after="7")
    assert await _names(rig) == list(NAMES)
    assert _sent(rig) == ["POST /$batch", second]
    assert rig.pauses.taken == [7.0]


async def test_a_part_that_stays_throttled_is_not_believed(rig: Rig) -> None:
    rig.entra.faults.answer(f"GET /users/{rig.who(NAMES[1]).object_id}", 429, retry_after="1", times=None)
    with pytest.raises(Throttled):
        await _names(rig)


async def test_a_batch_whose_answer_is_lost_is_sent_again(rig: Rig) -> None:
    rig.entra.faults.lose_answer(f"GET /users/{rig.who(NAMES[1]).object_id}")
    assert await _names(rig) == list(NAMES)
    assert _sent(rig) == ["POST /$batch"] * 2


async def test_a_batch_that_never_gets_an_answer_fails_each_part(rig: Rig) -> None:
    rig.entra.faults.answer("POST /$batch", 503, times=None)
    with pytest.raises(Unavailable):
        await _names(rig)


async def test_a_further_page_is_asked_for_alone(rig: Rig) -> None:
    rig.entra.paging.size = 1
    async with together() as group:
        group.create_task(rig.roles.privileged(rig.who("Siri Haugland").object_id))
    further = [each for each in rig.entra.requests if "skiptoken" in each.query]
    assert further
    assert {each.batch for each in further} == {None}


@asynccontextmanager
async def _liar(rig: Rig, answering: Answering) -> AsyncIterator[Rig]:
    """Somebody in Graph's place who answers batches as they please."""
    app = web.Application()
    app.router.add_post("/v1.0/$batch", answering)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    rig.client = rig.make_client(url=f"http://127.0.0.1:{runner.addresses[0][1]}/v1.0")
    try:
        yield rig
    finally:
        await runner.cleanup()


def _part(place: int, **more: object) -> dict[str, object]:
    return {"id": str(place), "status": 200, "body": {"value": []}} | more


@pytest.mark.parametrize(
    "responses",
    [
        [_part(0)],
        [_part(0), _part(0)],
        [_part(0), _part(1), _part(2)],
        [_part(0), _part(7)],
        [_part(0), {"status": 200, "body": {"value": []}}],
        [_part(0), _part(1, status="200")],
        [_part(0), _part(1, body=["value"])],
        [_part(0), _part(1, body=None)],
        "nothing",
    ],
)
async def test_parts_that_do_not_match_the_questions_are_not_believed(rig: Rig, responses: object) -> None:
    async def answering(_: web.Request) -> web.Response:
        return web.json_response({"responses": responses})

    async with _liar(rig, answering):
        with pytest.raises(Unreadable):
            await _methods(rig)


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [{"id": "1", "method": "GET", "url": "/users"}] * 21,
        [{"id": "a", "method": "GET", "url": "/users"}, {"id": "A", "method": "GET", "url": "/users"}],
        [{"id": "1", "method": "POST", "url": "/users/x/checkMemberGroups", "body": {"groupIds": []}}],
        [{"id": "1", "method": "POST", "url": "/$batch"}],
    ],
    ids=["none", "too many", "the same id", "a body of no type", "a batch"],
)
async def test_what_graph_takes_for_no_batch_the_emulator_refuses(
    rig: Rig, requests: list[dict[str, object]]
) -> None:
    with pytest.raises(BadRequest):
        await rig.client.ask(path("/$batch"), {"requests": requests})


async def test_what_depends_on_a_part_that_failed_is_not_carried_out(rig: Rig) -> None:
    who = rig.who("Torunn Bø").object_id
    parts = [
        {"id": "1", "method": "GET", "url": "/users/nobody"},
        {"id": "2", "method": "GET", "url": f"/users/{who}", "dependsOn": ["1"]},
    ]
    answer = await rig.client.ask(path("/$batch"), {"requests": parts})
    told = answer["responses"]
    assert isinstance(told, list)
    assert {part["id"]: part["status"] for part in told} == {"1": 404, "2": 424}
