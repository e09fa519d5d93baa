"""The emulated Graph refuses what the real one refuses."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import jwt
import pytest

from bot.sandbox.clock import SandboxClock
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.world import FJORDHEIM

KARI = FJORDHEIM.named("Kari Bråten")
PASSES = f"/users/{KARI.object_id}/authentication/temporaryAccessPassMethods"


@dataclass
class Caller:
    """Somebody with a token, and nothing of our own client."""

    entra: EntraEmulator
    http: httpx.AsyncClient
    token: str

    async def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One request, with the right token unless another is given."""
        bearer = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return await self.http.request(
            method, self.entra.graph_url + path, json=json, headers=bearer | (headers or {})
        )


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    """The emulator, and somebody who calls it."""
    clock = SandboxClock(tmp_path / "clock")
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as entra, httpx.AsyncClient() as http:
        yield Caller(entra, http, entra.login.mint())
    clock.close()


def _code(response: httpx.Response) -> str:
    code: str = response.json()["error"]["code"]
    return code


async def test_no_bearer_no_entry(caller: Caller) -> None:
    for headers in ({}, {"Authorization": caller.token}, {"Authorization": f"Basic {caller.token}"}):
        answer = await caller.http.get(f"{caller.entra.graph_url}/users", headers=headers)
        assert (answer.status_code, _code(answer)) == (401, "InvalidAuthenticationToken")


async def test_a_forged_stale_or_stray_token_is_refused(caller: Caller) -> None:
    now = int(time.time())
    claims = {"aud": "https://graph.microsoft.com", "tid": "x", "exp": now + 60, "roles": ["User.Read.All"]}
    forged = jwt.encode(claims, "0" * 32, algorithm="HS256")
    unsigned = jwt.encode(claims, "", algorithm="none")
    stale = caller.entra.login.mint(lifetime=-1)
    header, body, signature = caller.token.split(".")

    for token in (forged, unsigned, stale, f"{header}.{body}.", f"{header}.{body}.{signature[:-4]}AAAA", "x"):
        assert (await caller.send("GET", "/users", token=token)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("POST", PASSES, {"UserAuthMethod-TAP.Read.All", "UserAuthenticationMethod.Read.All"}),
        ("GET", PASSES, {"User.Read.All"}),
        ("GET", "/users", {"GroupMember.Read.All"}),
        ("POST", f"/users/{KARI.object_id}/checkMemberGroups", {"User.Read.All"}),
        ("GET", f"/users/{KARI.object_id}/authentication/methods", {"UserAuthMethod-TAP.ReadWrite.All"}),
        ("GET", "/reports/authenticationMethods/userRegistrationDetails", {"Reports.Read.All"}),
        ("GET", "/roleManagement/directory/roleAssignments", {"User.Read.All"}),
    ],
)
async def test_too_few_roles_are_refused(caller: Caller, method: str, path: str, roles: set[str]) -> None:
    answer = await caller.send(method, path, token=caller.entra.login.mint(roles=roles), json={})

    assert answer.status_code == 403
    assert _code(answer) in ("accessDenied", "Authorization_RequestDenied")
    assert caller.entra.passes_created == []


async def test_every_answer_names_its_request(caller: Caller) -> None:
    for path in ("/users/nobody", "/users", PASSES):
        answer = await caller.send("GET", path, headers={"client-request-id": "mine"})
        assert answer.headers["client-request-id"] == "mine"
        assert answer.headers["request-id"]
        assert answer.headers["x-ms-ags-diagnostic"]
        assert answer.headers["date"].endswith("GMT")


async def test_the_two_shapes_of_errors(caller: Caller) -> None:
    directory = (await caller.send("GET", "/users/nobody")).json()["error"]
    methods = (await caller.send("POST", PASSES, json={"lifetimeInMinutes": 1})).json()["error"]

    assert directory["code"] == "Request_ResourceNotFound"
    assert set(directory["innerError"]) == {"date", "request-id", "client-request-id"}
    assert methods["code"] == "badRequest"
    assert methods["innerError"]["message"] == methods["message"]


async def test_only_the_default_properties_come_unasked(caller: Caller) -> None:
    path = f"/users/{KARI.object_id}"
    plain = (await caller.send("GET", path)).json()
    chosen = (await caller.send("GET", f"{path}?$select=id,accountEnabled,identities")).json()

    assert not {"accountEnabled", "identities", "userType", "department", "proxyAddresses"} & set(plain)
    assert plain["displayName"] == KARI.name
    assert set(chosen) == {"@odata.context", "id", "accountEnabled", "identities"}


@pytest.mark.parametrize(
    "query",
    [
        "$filter=accountEnabled ne true",
        "$filter=not(userType eq 'Guest')",
        "$filter=preferredLanguage eq 'nb-NO'",
        "$filter=endsWith(mail,'.example')",
        "$filter=mail eq 'a'&$orderby=displayName",
        "$filter=shoeSize eq '43'",
    ],
)
async def test_an_advanced_query_needs_its_header_and_its_count(caller: Caller, query: str) -> None:
    for more, headers in (("", {}), ("&$count=true", {}), ("", {"ConsistencyLevel": "eventual"})):
        answer = await caller.send("GET", f"/users?{query}{more}", headers=headers)
        assert (answer.status_code, _code(answer)) == (400, "Request_UnsupportedQuery")


async def test_with_both_it_is_answered(caller: Caller) -> None:
    headers = {"ConsistencyLevel": "eventual"}
    query = "$filter=endsWith(mail,'@partner.example') and not(userType eq 'Member')&$count=true"
    answer = (await caller.send("GET", f"/users?{query}", headers=headers)).json()

    assert answer["@odata.count"] == 1
    assert [row["displayName"] for row in answer["value"]] == ["Kofi Mensah"]


async def test_a_cast_needs_them_too(caller: Caller) -> None:
    group = FJORDHEIM.group("Library").object_id
    path = f"/groups/{group}/transitiveMembers/microsoft.graph.user"

    assert (await caller.send("GET", path)).status_code == 400
    assert (await caller.send("GET", f"/groups/{group}/transitiveMembers")).status_code == 200


async def test_the_header_is_demanded_again_on_the_next_page(caller: Caller) -> None:
    headers = {"ConsistencyLevel": "eventual"}
    query = "$filter=accountEnabled ne false&$count=true&$top=5"
    link = (await caller.send("GET", f"/users?{query}", headers=headers)).json()["@odata.nextLink"]
    path = link.removeprefix(caller.entra.graph_url)

    assert (await caller.send("GET", path)).status_code == 400
    assert len((await caller.send("GET", path, headers=headers)).json()["value"]) == 5


@pytest.mark.parametrize(
    "query",
    ["$filter=mail", "$filter=mail eq", "$filter=mail eq 'a", "$filter=mail gt 'a'", "$filter=(mail eq 'a'", "$top=x",
     "$top=0", "$skip=5", "$skiptoken=x", "$filter=mail eq 'a' mail", "$filter=proxyAddresses/any(p:q eq 'a')"],
)  # fmt: skip
async def test_a_query_that_means_nothing(caller: Caller, query: str) -> None:
    assert (await caller.send("GET", f"/users?{query}")).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"lifetimeInMinutes": "60"},
        {"lifetimeInMinutes": True},
        {"isUsableOnce": 1},
        {"temporaryAccessPass": "my-own-1"},
        {"startDateTime": "tomorrow"},
        {"startDateTime": "2026-11-24T09:00:00"},
        [],
        None,
    ],
)
async def test_a_pass_is_made_only_of_what_graph_takes(caller: Caller, body: object) -> None:
    assert (await caller.send("POST", PASSES, json=body)).status_code == 400
    assert caller.entra.passes_created == []


async def test_a_body_has_to_be_json(caller: Caller) -> None:
    bearer = {"Authorization": f"Bearer {caller.token}"}
    url = caller.entra.graph_url + PASSES

    assert (await caller.http.post(url, headers=bearer, data={"a": "b"})).status_code == 415
    bearer["Content-Type"] = "application/json"
    assert (await caller.http.post(url, headers=bearer, content=b"{")).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("PUT", "/users"), ("PATCH", PASSES), ("GET", f"/users/{KARI.object_id}/x")],
)
async def test_what_graph_does_not_have(caller: Caller, method: str, path: str) -> None:
    assert (await caller.send(method, path)).status_code == 400


async def test_another_version_is_another_place(caller: Caller) -> None:
    url = caller.entra.graph_url.replace("/v1.0", "/beta")
    answer = await caller.http.get(f"{url}/users", headers={"Authorization": f"Bearer {caller.token}"})

    assert answer.status_code == 400


async def test_a_dollar_name_has_to_be_quoted(caller: Caller) -> None:
    assert (await caller.send("GET", "/users/$ola@fjordheim.example")).status_code == 400
    assert (await caller.send("GET", "/users('$ola@fjordheim.example')")).status_code == 404
    assert (await caller.send("GET", f"/users('{KARI.upn}')")).json()["id"] == KARI.object_id


async def test_the_reports_let_five_through_in_ten_seconds(caller: Caller) -> None:
    path = "/reports/authenticationMethods/userRegistrationDetails"
    answers = [await caller.send("GET", path) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 11
    assert _code(answers[-1]) == "UnknownError"
