"""Who is who: the matrix of user objects, by the fields of Slack's user object."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import people
from handlers.events import Person

OURS, THEIRS, GRID = "T0OURS", "T0THEIRS", "E0GRID"
MEMBER: dict[str, Any] = {
    "id": "U1",
    "team_id": OURS,
    "name": "solveig",
    "real_name": "Solveig Bråten",
    "deleted": False,
    "is_bot": False,
    "is_app_user": True,
    "is_restricted": False,
    "is_ultra_restricted": False,
    "is_stranger": False,
    "is_email_confirmed": True,
    "tz": "Europe/Oslo",
    "locale": "nn-NO",
    "profile": {"real_name": "Solveig Bråten", "email": "solveig@fjordheim.example"},
}
FLAGS = ("deleted", "is_bot", "is_workflow_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
ME = Person("slack", OURS, "U1")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, None),
        ({"deleted": True}, "deactivated"),
        ({"is_bot": True}, "bot"),
        ({"is_workflow_bot": True}, "bot"),
        ({"id": "USLACKBOT"}, "bot"),
        ({"is_restricted": True}, "guest"),
        ({"is_restricted": True, "is_ultra_restricted": True}, "guest"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"is_stranger": True}, "other-workspace"),
        ({"team_id": THEIRS}, "other-workspace"),
        ({"team_id": THEIRS, "is_restricted": True}, "other-workspace"),
        ({"team_id": None}, "other-workspace"),
        ({"team_id": THEIRS, "enterprise_user": {"enterprise_id": GRID, "teams": [OURS]}}, None),
        (
            {"team_id": THEIRS, "enterprise_user": {"enterprise_id": GRID, "teams": [THEIRS]}},
            "other-workspace",
        ),
        (
            {"enterprise_user": {"enterprise_id": GRID, "teams": [OURS]}, "is_stranger": True},
            "other-workspace",
        ),
    ],
)
def test_who_may_not_be_served(changes: dict[str, Any], refusal: str | None) -> None:
    assert people.refusal(MEMBER | changes, (OURS,)) == refusal


def test_an_organisation_of_ours_is_enough() -> None:
    user = MEMBER | {"team_id": "T0ANY", "enterprise_user": {"enterprise_id": GRID, "teams": ["T0ANY"]}}
    assert people.refusal(user, (GRID,)) is None
    assert people.tenant(user) == GRID


def test_without_workspaces_of_our_own_nobody_is_served() -> None:
    assert people.refusal(MEMBER, ()) == "other-workspace"


@given(st.sets(st.sampled_from(FLAGS), min_size=1), st.sampled_from([OURS, THEIRS]))
def test_no_flag_ever_makes_somebody_welcome(flags: set[str], team: str) -> None:
    assert people.refusal(MEMBER | dict.fromkeys(flags, True) | {"team_id": team}, (OURS,)) is not None


names = st.sampled_from([*MEMBER, "enterprise_user", "teams"])
shapes = st.recursive(
    st.none() | st.booleans() | st.text(max_size=4),
    lambda inner: st.dictionaries(names, inner | st.lists(inner, max_size=2)),
)


@given(shapes)
def test_a_user_object_of_any_shape_welcomes_nobody_by_accident(user: object) -> None:
    assert people.refusal(user, (OURS,)) is not None


def test_a_member_as_described() -> None:
    profile = people.profile(ME, MEMBER, (OURS,))
    assert (profile.person, profile.name, profile.email) == (
        ME,
        "Solveig Bråten",
        "solveig@fjordheim.example",
    )
    assert (profile.locale, profile.time_zone, profile.refusal) == ("nn-NO", "Europe/Oslo", None)


def test_an_address_that_was_never_confirmed_is_no_address() -> None:
    assert people.profile(ME, MEMBER | {"is_email_confirmed": False}, (OURS,)).email is None
    unsaid = {name: value for name, value in MEMBER.items() if name != "is_email_confirmed"}
    assert people.profile(ME, unsaid, (OURS,)).email == "solveig@fjordheim.example"
