"""What the doctor makes of what it is told: pure, without asking anybody."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doctor import State, database, groups, permissions, policy, report, skew, slack
from bot.slack.listening import Listening
from bot.slack.needs import needs
from graph.errors import Forbidden, NoPremiumLicence
from graph.passes import EVERYBODY, PassPolicy, Target
from graph.reports import RegistrationRow
from handlers.records import StaffSession

_NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
_EVERYTHING = frozenset(need.permission for need in permissions.NEEDS)


def _token(claims: object) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.c2ln"


def _policy(*, enabled: bool = True, least: int = 10, most: int = 480) -> PassPolicy:
    everybody = (Target("group", EVERYBODY),)
    hour = timedelta(hours=1)
    return PassPolicy(
        enabled, timedelta(minutes=least), timedelta(minutes=most), hour, 8, True, everybody, ()
    )


@given(st.text())
def test_whatever_a_token_is_it_is_read_or_not(text: str) -> None:
    assert permissions.roles_in(text) is None
    assert permissions.roles_in(f"a.{text}.c") in (None, frozenset())


def test_permissions_are_read_from_the_token() -> None:
    assert permissions.roles_in(_token({"roles": ["Mail.Send", 7]})) == frozenset({"Mail.Send"})
    assert permissions.roles_in(_token({})) == frozenset()
    assert permissions.roles_in(_token(["roles"])) is None
    assert permissions.roles_in(_token({"roles": "Mail.Send"})) is None


def test_each_missing_permission_is_named_with_what_it_is_for() -> None:
    for need in permissions.NEEDS:
        found = list(permissions.judge(permissions.NEEDS, _EVERYTHING - {need.permission}))
        (bad,) = [each for each in found if each.state is not State.OK]
        assert need.permission in bad.name
        assert need.feature in bad.found
        assert bad.state is (State.WARN if need.without else State.FAIL)


def test_a_broader_permission_does_and_a_spare_one_that_writes_is_told() -> None:
    broad = _EVERYTHING - {"UserAuthMethod-TAP.ReadWrite.All"} | {"UserAuthenticationMethod.ReadWrite.All"}
    assert all(each.state is State.OK for each in permissions.judge(permissions.NEEDS, broad))
    spare = {"RoleManagement.ReadWrite.Directory", "AuditLog.Read.All"}
    *_, last = permissions.judge(permissions.NEEDS, _EVERYTHING | spare)
    assert last.state is State.WARN
    assert "RoleManagement.ReadWrite.Directory" in last.found
    assert "AuditLog" not in last.found


@pytest.mark.parametrize(
    ("told", "minutes", "states"),
    [
        (_policy(), 30, [State.OK, State.OK]),
        (_policy(enabled=False), 30, [State.FAIL, State.OK]),
        (_policy(least=60), 30, [State.OK, State.WARN]),
        (_policy(most=20), 30, [State.OK, State.FAIL]),
    ],
)
def test_the_policy_has_to_let_passes_be_made(told: PassPolicy, minutes: int, states: list[State]) -> None:
    assert [each.state for each in policy.judge(told, timedelta(minutes=minutes))] == states


def test_administrators_in_scope_are_counted_and_not_named() -> None:
    found = policy.judge_scope({"a"}, {"a", "b"})
    assert (found.state, "1 of 2" in found.found) == (State.WARN, True)
    assert policy.judge_scope(set(), {"a", "b"}).state is State.OK


@pytest.mark.parametrize(
    ("members", "state"),
    [(None, State.FAIL), (0, State.FAIL), (1, State.WARN), (2, State.OK), (101, State.OK)],
)
def test_a_group_of_approvers_has_to_be_there_and_to_have_members(members: int | None, state: State) -> None:
    assert groups.judge(groups.Named("approval.group", "g", 1, 2), members).state is state


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("", State.OK),
        ("not_in_channel", State.FAIL),
        ("channel_not_found", State.FAIL),
        ("is_archived", State.FAIL),
        ("missing_scope", State.WARN),
        ("fatal", State.FAIL),
    ],
)
def test_a_channel_is_judged_by_what_slack_says(code: str, state: State) -> None:
    found = slack.judge_channel("slack.support_channel", "C1", code)
    assert found.state is state
    assert bool(found.remedy) is (state is not State.OK)


def test_scopes_that_nobody_names_are_a_doubt() -> None:
    assert slack.judge_scopes({}, needs(Listening())).state is State.WARN


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, State.OK), (59, State.OK), (-59, State.OK), (62, State.FAIL), (-62, State.FAIL)],
)
def test_a_clock_may_differ_by_a_minute(seconds: int, state: State) -> None:
    ours = _NOW + timedelta(seconds=seconds)
    assert skew.judge("Mon, 04 Jan 2027 09:00:00 GMT", ours, ours).state is state


def test_a_slow_answer_is_no_skew_and_a_missing_time_a_doubt() -> None:
    told = "Mon, 04 Jan 2027 09:00:00 GMT"
    assert skew.judge(told, _NOW - timedelta(minutes=2), _NOW + timedelta(minutes=2)).state is State.OK
    assert skew.judge("", _NOW, _NOW).state is State.WARN


@pytest.mark.parametrize(
    ("stepped_up", "context", "state"),
    [(True, "c1", State.OK), (False, "c1", State.WARN), (False, "", State.OK), (None, "c1", State.WARN)],
)
def test_the_latest_sign_in_is_told_with_the_page_that_shows_more(
    *, stepped_up: bool | None, context: str, state: State
) -> None:
    latest = None
    if stepped_up is not None:
        latest = StaffSession(
            cookie_hash="h",
            account="a",
            name="Jonas Lien",
            auth_time=_NOW,
            stepped_up=stepped_up,
            at=_NOW,
            until=_NOW,
        )
    found = database.judge_sign_in(latest, context, "https://bot.example")
    assert found.state is state
    assert "https://bot.example/signin/test" in found.found + found.remedy
    assert "Jonas" not in found.found


def test_the_report_is_not_needed_and_what_happens_without_it_is_said() -> None:
    for error, why in (
        (NoPremiumLicence(), "no Entra ID P1"),
        (Forbidden(permission="AuditLog.Read.All"), "AuditLog.Read.All is missing"),
    ):
        found = report.judge(error, _NOW, 5)
        assert found.state is State.WARN
        assert why in found.found
        assert "one by one instead, 1,440 an hour" in found.found

    def row(age: timedelta) -> RegistrationRow:
        return RegistrationRow("id", "u", "", None, False, False, False, frozenset(), None, _NOW - age)

    assert report.judge(row(timedelta(hours=1)), _NOW, 5).found == "can be read, and is 1 hour old"
    assert "one by one" in report.judge(row(timedelta(hours=7)), _NOW, 5).found
    assert report.judge(None, _NOW, 5).state is State.OK
