"""What is tried again and what is not, counted where it arrives."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from graph.client import ADVANCED
from graph.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    GraphError,
    NotFound,
    OutcomeUnknown,
    Throttled,
    Unauthorized,
    Unavailable,
    Unreadable,
)
from graph.paths import path
from graph.sending import Limits
from tests.graph.rig import Rig, closed_port

HOUR = timedelta(hours=1)
USERS = path("/users")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_a_read_is_tried_again_until_it_works(rig: Rig, status: int) -> None:
    rig.entra.faults.answer("GET /users/*", status, times=2)

    user = await rig.users.get(rig.who("Kari Bråten").object_id)

    assert user.display_name == "Kari Bråten"
    assert [r.status for r in rig.entra.requests] == [status, status, 200]
    assert len(rig.pauses.taken) == 2
    assert 1 <= rig.pauses.taken[0] < rig.pauses.taken[1] <= 3


async def test_every_try_has_an_id_of_its_own(rig: Rig) -> None:
    rig.entra.faults.answer("GET *", 503, times=2)

    await rig.users.get(rig.who("Kari Bråten").object_id)

    ids = [r.client for r in rig.entra.requests]
    assert len(set(ids)) == 3
    assert all(len(own) == 36 for own in ids)


@pytest.mark.parametrize(("status", "error"), [(429, Throttled), (503, Unavailable), (500, Unavailable)])
async def test_after_five_tries_a_read_gives_up(rig: Rig, status: int, error: type[GraphError]) -> None:
    rig.entra.faults.answer("GET *", status, times=None)

    with pytest.raises(error) as caught:
        await rig.users.get(rig.who("Kari Bråten").object_id)

    assert caught.value.status == status
    assert len(rig.entra.requests) == 5
    assert len(rig.pauses.taken) == 4


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, BadRequest), (403, Forbidden), (404, NotFound), (409, Conflict), (302, GraphError)],
)
async def test_what_will_not_get_better_is_asked_once(rig: Rig, status: int, error: type[GraphError]) -> None:
    rig.entra.faults.answer("GET *", status, code="someCode", message="Some words.")

    with pytest.raises(error) as caught:
        await rig.users.get(rig.who("Kari Bråten").object_id)

    assert (caught.value.status, caught.value.code, caught.value.message) == (
        status,
        "someCode",
        "Some words.",
    )
    assert caught.value.request_id
    assert len(rig.entra.requests) == 1


async def test_retry_after_is_waited_for_in_seconds(rig: Rig) -> None:
    rig.entra.faults.answer("GET *", 429, retry_after="41")

    await rig.users.get(rig.who("Kari Bråten").object_id)

    assert rig.pauses.taken == [41]


async def test_retry_after_is_waited_for_until_a_date_of_graphs_own_clock(rig: Rig) -> None:
    rig.clock.move(timedelta(days=3))
    until = rig.clock.now() + timedelta(seconds=60)
    rig.entra.faults.answer("GET *", 503, retry_after=format_datetime(until, usegmt=True))

    await rig.users.get(rig.who("Kari Bråten").object_id)

    assert len(rig.pauses.taken) == 1
    assert 55 <= rig.pauses.taken[0] <= 61


async def test_a_pause_beyond_our_patience_is_the_callers_business(rig: Rig) -> None:
    rig.entra.faults.throttle("GET *", retry_after="315")

    with pytest.raises(Throttled) as caught:
        await rig.users.get(rig.who("Kari Bråten").object_id)

    assert caught.value.retry_after == 315
    assert rig.pauses.taken == []
    assert len(rig.entra.requests) == 1


async def test_a_refused_token_is_replaced_once(rig: Rig) -> None:
    await rig.users.get(rig.who("Kari Bråten").object_id)
    rig.entra.login.revoke_tokens()

    await rig.users.get(rig.who("Kari Bråten").object_id)

    assert [r.status for r in rig.entra.requests] == [200, 401, 200]
    assert rig.entra.login.requests == 2


async def test_two_refused_tokens_are_enough(rig: Rig) -> None:
    rig.entra.faults.answer("GET *", 401, times=None)

    with pytest.raises(Unauthorized):
        await rig.users.get(rig.who("Kari Bråten").object_id)

    assert len(rig.entra.requests) == 2


async def test_a_broken_connection_is_tried_again_for_a_read(rig: Rig) -> None:
    rig.entra.faults.lose_answer("GET *", times=2)

    await rig.users.get(rig.who("Kari Bråten").object_id)

    assert [r.status for r in rig.entra.requests] == [None, None, 200]


async def test_a_read_without_an_answer_in_time(rig: Rig) -> None:
    rig.entra.faults.hold("GET *")
    rig.client = rig.make_client(limits=Limits(read=0.05, tries=2))

    with pytest.raises(Unavailable) as caught:
        await rig.users.get(rig.who("Kari Bråten").object_id)

    assert caught.value.code == "ReadTimeout"
    assert len(rig.pauses.taken) == 1


async def test_nobody_answers_the_phone(rig: Rig) -> None:
    rig.client = rig.make_client(url=f"http://127.0.0.1:{closed_port()}/v1.0")

    with pytest.raises(Unavailable) as caught:
        await rig.users.get(rig.who("Kari Bråten").object_id)

    assert caught.value.code == "ConnectError"
    assert len(rig.pauses.taken) == 4


async def test_a_delete_that_an_earlier_try_did_is_done(rig: Rig) -> None:
    made = await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)
    rig.entra.faults.lose_answer("DELETE *")

    await rig.passes.delete(rig.who("Kari Bråten").object_id, made.pass_.id)

    assert [r.status for r in rig.entra.requests[1:]] == [None, 404]


async def test_a_delete_of_nothing_is_not_found(rig: Rig) -> None:
    rig.entra.faults.answer("DELETE *", 429)

    with pytest.raises(NotFound):
        await rig.passes.delete(rig.who("Kari Bråten").object_id, "6dd2ab19-0000-4000-8000-000000000000")

    assert [r.status for r in rig.entra.requests] == [429, 404]


class TestCreate:
    """A create is sent once, whatever happens."""

    async def test_a_lost_answer_is_an_unknown_outcome(self, rig: Rig) -> None:
        rig.entra.faults.lose_answer("POST *")

        with pytest.raises(OutcomeUnknown):
            await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

        assert len(rig.entra.requests) == 1
        assert rig.entra.requests[0].executed
        assert len(rig.entra.passes_created) == 1
        assert rig.pauses.taken == []

    async def test_no_answer_in_time_is_an_unknown_outcome(self, rig: Rig) -> None:
        gate = rig.entra.faults.hold("POST *")
        where = path(
            "/users/{user}/authentication/temporaryAccessPassMethods", user=rig.who("Kari Bråten").upn
        )

        with pytest.raises(OutcomeUnknown) as caught:
            await rig.client.create(where, {"lifetimeInMinutes": 60}, within=0.05)
        gate.set()
        await rig.entra.wait_for(lambda: rig.entra.passes_created)

        assert caught.value.code == "ReadTimeout"
        assert len(rig.entra.passes_created) == 1

    @pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
    async def test_an_error_of_the_server_is_an_unknown_outcome(self, rig: Rig, status: int) -> None:
        rig.entra.faults.answer("POST *", status, times=None, retry_after="1")

        with pytest.raises(OutcomeUnknown):
            await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

        assert len(rig.entra.requests) == 1

    async def test_throttled_means_not_executed_and_not_repeated(self, rig: Rig) -> None:
        rig.entra.faults.throttle("POST *", retry_after="7")

        with pytest.raises(Throttled) as caught:
            await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

        assert caught.value.retry_after == 7
        assert len(rig.entra.requests) == 1
        assert rig.pauses.taken == []

    async def test_what_never_left_is_sent_when_the_line_is_back(self, rig: Rig) -> None:
        await rig.entra.refuse_connections()
        rig.pauses.during = rig.entra.accept_connections

        await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

        assert len(rig.pauses.taken) == 1
        assert len(rig.entra.passes_created) == 1

    async def test_a_line_that_stays_dead_is_no_unknown_outcome(self, rig: Rig) -> None:
        rig.client = rig.make_client(url=f"http://127.0.0.1:{closed_port()}/v1.0")

        with pytest.raises(Unavailable):
            await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

        assert len(rig.pauses.taken) == 4

    async def test_a_refused_token_is_replaced_once(self, rig: Rig) -> None:
        await rig.passes.policy()
        rig.entra.login.revoke_tokens()

        await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

        assert [r.status for r in rig.entra.requests[1:]] == [401, 201]
        assert len(rig.entra.passes_created) == 1

    async def test_without_a_token_nothing_is_sent(self, rig: Rig) -> None:
        rig.entra.login.failure = 503

        with pytest.raises(Unavailable):
            await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

        assert rig.entra.requests == []


class TestPages:
    """Collections in pieces."""

    async def test_every_row_of_every_page_comes_once_the_empty_first_one_included(self, rig: Rig) -> None:
        rig.entra.paging.size = 7
        rig.entra.paging.empty_first = True

        pages = [len(page) async for page in rig.client.pages(USERS, {"$select": "id"})]
        ids = [row["id"] async for row in rig.client.rows(USERS, {"$select": "id"})]

        assert pages == [0, 7, 7, 7, 7, 7, 7, 1]
        assert len(set(ids)) == len(ids) == len(rig.entra.world.residents)

    async def test_the_header_of_an_advanced_query_goes_with_every_page(self, rig: Rig) -> None:
        rig.entra.paging.size = 10
        query = {"$filter": "accountEnabled ne true", "$count": "true", "$top": "1"}

        assert len([row async for row in rig.client.rows(USERS, query, headers=ADVANCED)]) == 1
        rig.entra.paging.size = 1
        query["$filter"] = "startsWith(department,'IT') and accountEnabled ne false"
        assert len([row async for row in rig.client.rows(USERS, query, headers=ADVANCED)]) == 10

    async def test_without_the_header_an_advanced_query_is_refused(self, rig: Rig) -> None:
        query = {"$filter": "accountEnabled ne true", "$count": "true"}

        with pytest.raises(BadRequest) as caught:
            await rig.client.get(USERS, query)

        assert caught.value.code == "Request_UnsupportedQuery"

    @pytest.mark.parametrize(
        "link",
        [
            "https://graph.evil.example/v1.0/users",
            "http://127.0.0.1:1/v1.0/users",
            "{root}.evil.example/users",
            "{base}/beta/users",
            "{base}/v1.0/../beta/users",
            "{base}/v1.0/%2e%2e/beta/users",
            "{base}/v1.0evil/users",
            "http://name:word@{host}/v1.0/users",
            "//graph.evil.example/v1.0/users",
            "/v1.0/users",
            "http://[",
        ],
    )
    async def test_a_link_to_elsewhere_gets_no_token(self, rig: Rig, link: str) -> None:
        base = rig.entra.graph_url.removesuffix("/v1.0")
        rig.entra.paging.size = 10
        rig.entra.paging.astray = link.format(
            root=rig.entra.graph_url, base=base, host=base.removeprefix("http://")
        )

        with pytest.raises(Unreadable):
            [row async for row in rig.client.rows(USERS)]

        assert len(rig.entra.requests) == 1

    async def test_pages_that_run_in_a_circle_end(self, rig: Rig) -> None:
        rig.entra.paging.size = 10
        rig.entra.paging.astray = f"{rig.entra.graph_url}/users?$top=1"

        with pytest.raises(Unreadable, match="circle"):
            [row async for row in rig.client.rows(USERS)]

        assert len(rig.entra.requests) == 2

    async def test_a_page_that_fails_on_the_way_is_tried_again(self, rig: Rig) -> None:
        rig.entra.paging.size = 20
        rig.entra.faults.answer("GET /users", 429, times=2, retry_after="3")

        assert len([row async for row in rig.client.rows(USERS)]) == len(rig.entra.world.residents)


async def test_a_missing_permission_is_named(rig: Rig) -> None:
    rig.entra.faults.missing.add("UserAuthMethod-TAP.ReadWrite.All")

    with pytest.raises(Forbidden, match=r"UserAuthMethod-TAP\.ReadWrite\.All") as caught:
        await rig.passes.create(rig.who("Kari Bråten").object_id, HOUR)

    assert caught.value.permission == "UserAuthMethod-TAP.ReadWrite.All"
    assert caught.value.code == "accessDenied"
