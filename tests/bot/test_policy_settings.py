"""The settings of the policy: what would open a hole stops the start, and what is weaker is named."""

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.app.weakening import fingerprint, warn, weaker
from bot.settings import Settings, SettingsError, load
from bot.settings.policy import rules_of, weakened
from handlers.verification.policy import DEFAULT_ROUTES, DEFAULT_RULES, Bar, Route, RouteKind

GROUP = "0b5c1e0a-7d4f-5a52-9a07-3f1f7a9f0001"


def _loaded(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "app.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path / "app.yaml", {}, complete=False)


def _weakened(settings: Settings) -> list[str]:
    return list(weakened(settings.verification, settings.passes.daily_cap))


def test_without_settings_the_rules_are_the_policys_own(tmp_path: Path) -> None:
    settings = _loaded(tmp_path, "passes:\n  lifetime_minutes: 30\n")
    assert rules_of(settings.verification, settings.passes.daily_cap) == DEFAULT_RULES
    assert _weakened(settings) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("policy: {strong_approvals: 0}", "verification.policy.strong_approvals must be at least 1"),
        ("policy: {weak_approvals: 1}", "verification.policy.weak_approvals must be at least 2"),
        ("policy: {strict_approvals: 1}", "verification.policy.strict_approvals must be at least 2"),
        ("policy: {strong_approvals: 3}", "verification.policy.strict_approvals must not be less than"),
        (
            "policy: {strong_approvals: 3, strict_approvals: 3}",
            "verification.policy.weak_approvals must not be less than",
        ),
        ("policy: {weak_delay_minutes: 59}", "verification.policy.weak_delay_minutes must be at least 60"),
        ("policy: {strict_delay_minutes: 0}", "verification.policy.strict_delay_minutes must be at least 60"),
        ("policy: {evidence_minutes: 61}", "verification.policy.evidence_minutes must be at most 60"),
        ("policy: {changed_days: 0}", "verification.policy.changed_days must be at least 1"),
        ("policy: {cool_down_hours: 0}", "verification.policy.cool_down_hours must be at least 1"),
        ("policy: {cases_per_target: 99}", "verification.policy.cases_per_target must be at most 10"),
        ("policy: {nobody: 1}", "verification.policy.nobody is not a setting"),
        ("class_c_groups: [everybody]", "verification.class_c_groups must be an id"),
        (
            f"class_b_groups: [{GROUP}]\n  class_c_groups: [{GROUP}]",
            "verification.class_b_groups must not name",
        ),
        ("routes: [{name: video, level: 3}]", "entry video: level must be at most 1"),
        ("routes: [{name: manager, level: 3}]", "entry manager: level must be at most 1"),
        ("routes: [{name: sms, level: 2}]", "entry sms: level must be at most 1"),
        ("routes: [{name: desk, level: 4}]", "entry desk: level must be at most 3"),
        ("routes: [{name: desk, checks: [face]}]", "entry desk: level must be at most 1"),
        ("routes: [{name: desk, checks: [photo-id, face, mood]}]", "entry desk: checks must not hold mood"),
        ("routes: [{name: manager, checks: [chat]}]", "entry manager: checks must not hold chat"),
        (
            "routes: [{name: desk, checks: [photo-id, face, challenge]}]",
            "entry desk: level must be at most 1",
        ),
        ("routes: [{name: kiosk, kind: seen}]", "entry kiosk: checks is missing"),
        ("routes: [{name: letter, kind: code}]", "entry letter: address is missing"),
        ("routes: [{name: letter}]", "entry letter: kind is missing"),
        ("routes: [{name: eid, level: 4}]", "entry eid: this route is set by eid.providers"),
        ("routes: [{name: sms}, {name: sms}]", "has two entries with the name sms"),
        ("routes: [{name: sms, unchanged_days: 0}]", "unchanged_days must be at least 1"),
    ],
)
def test_what_would_open_a_hole_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _loaded(tmp_path, f"verification:\n  {text}\n")
    assert words in str(caught.value)


def test_groups_that_never_get_a_pass_have_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("slack: {mode: http}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"verification\.class_c_groups"):
        load(tmp_path / "app.yaml", {})


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("policy: {weak_delay_minutes: 120}", ["verification.policy.weak_delay_minutes"]),
        (
            "policy: {often_cases: 5, link_days: 0}",
            ["verification.policy.link_days", "verification.policy.often_cases"],
        ),
        ("policy: {changed_days: 14, evidence_minutes: 30}", []),
        (
            "routes: [{name: sms, unchanged_days: 5}]",
            ["verification.routes.unchanged_days (sms)"],
        ),
        ("routes: [{name: video, staffed_hours: false}]", ["verification.routes.staffed_hours (video)"]),
        (
            "routes: [{name: video, checks: [challenge, id-beside-face, photo-on-file]}]",
            ["verification.routes.checks (video: without called-user)"],
        ),
        ("routes: [{name: desk}, {name: sms}]", []),
    ],
)
def test_what_is_weaker_is_named(tmp_path: Path, text: str, keys: list[str]) -> None:
    assert _weakened(_loaded(tmp_path, f"verification:\n  {text}\n")) == keys


def test_what_is_weaker_is_said_at_the_start(tmp_path: Path) -> None:
    settings = _loaded(tmp_path, "verification:\n  policy: {link_days: 0}\n")
    with capture_logs() as logs:
        warn(list(weaker(settings)))
    assert logs == [
        {"event": "policy-weakened", "setting": "verification.policy.link_days", "log_level": "warning"}
    ]


def test_a_step_up_that_is_off_is_named(tmp_path: Path) -> None:
    settings = _loaded(tmp_path, "approval: {step_up: off_weakens_approval}\n")
    assert list(weaker(settings)) == ["approval.step_up"]


def test_other_rules_have_another_fingerprint_and_secrets_play_no_part(tmp_path: Path) -> None:
    first = fingerprint(_loaded(tmp_path, "passes: {daily_cap: 50}\n"))
    assert first == fingerprint(_loaded(tmp_path, "rollout: {offsets: [0]}\n"))
    assert first != fingerprint(_loaded(tmp_path, "passes: {daily_cap: 51}\n"))
    assert first.isalpha()


def test_a_higher_cap_is_named(tmp_path: Path) -> None:
    assert _weakened(_loaded(tmp_path, "passes: {daily_cap: 51}\n")) == ["passes.daily_cap"]


def test_the_rules_are_as_set(tmp_path: Path) -> None:
    text = """\
verification:
  policy: {weak_delay_minutes: 300, strict_approvals: 3, strict_delay_minutes: 90, cool_down_hours: 48}
  routes:
    - name: desk
    - name: letter
      kind: code
      address: mail
      unchanged_days: 90
passes: {daily_cap: 20}
"""
    settings = _loaded(tmp_path, text)
    rules = rules_of(settings.verification, settings.passes.daily_cap)
    hour = timedelta(hours=1)
    assert (rules.weak, rules.strict) == (Bar(2, 5 * hour, staffed=True), Bar(3))
    assert (rules.strict_eid, rules.strictest) == (Bar(3, 1.5 * hour), Bar(3, 1.5 * hour))
    assert (rules.cool_down, rules.daily_cap) == (48 * hour, 20)
    letter = Route("letter", RouteKind.CODE, 1, address="mail", unchanged_days=90)
    assert rules.routes == (*DEFAULT_ROUTES[:2], letter)
