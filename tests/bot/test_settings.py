"""The settings: where they come from, which wins, and the one sentence that a mistake gets."""

import base64
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, time
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.settings import Bind, Hours, Settings, SettingsError, SlackMode, load
from bot.settings.names import keys, variable
from bot.settings.values import is_loopback
from handlers.messages import Language

GROUP = "0b5c1e0a-7d4f-5a52-9a07-3f1f7a9f0001"
AUDIT = base64.b64encode(bytes(range(32))).decode()
EVIDENCE = base64.b64encode(bytes(range(1, 33))).decode()
BOT = "xoxb-" + "canary-bot"
APP = "xapp-" + "canary-app"

COMPLETE = f"""\
slack:
  workspace_ids: [T0123]
  support_channel: C0123
  bot_token: {BOT}
  app_token: {APP}
entra:
  tenant_id: fjordheim.example
  client_id: {GROUP}
  client_secret: canary-client
approval:
  group: {GROUP}
verification:
  {{agents_group: {GROUP}, class_c_groups: [{GROUP}]}}
secrets:
  audit_key: {AUDIT}
  evidence_key: {EVIDENCE}
"""

WAVE = f"{{name: First, group: {GROUP}, activation_day: 2027-01-18}}"
ELSEWHERE = "5b0e7d1c-8a0e-4f1e-9a53-2f6a1f7c9d21"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "app.yaml"


def loaded(file: Path, text: str = COMPLETE, environ: Mapping[str, str] | None = None) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load(file, environ or {})


def refusal(file: Path, text: str = COMPLETE, environ: Mapping[str, str] | None = None) -> str:
    """The sentence, checked to be one, and to give no secret away."""
    with pytest.raises(SettingsError) as caught:
        loaded(file, text, environ)
    sentence = str(caught.value).replace(str(file), "app.yaml")
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    assert "canary" not in sentence
    assert caught.value.__cause__ is None
    return sentence


def changed(old: str, new: str) -> str:
    assert old in COMPLETE
    return COMPLETE.replace(old, new)


def test_a_complete_file_is_enough(file: Path) -> None:
    settings = loaded(file)

    assert settings.slack.mode is SlackMode.SOCKET
    assert settings.slack.bot_token.get_secret_value() == BOT
    assert settings.secrets.audit_key[0].get_secret_value() == bytes(range(32))
    assert settings.rollout.offsets == (-14, -7, -3, -1, 0, 1, 3)
    assert settings.rollout.time_zone == ZoneInfo("Europe/Oslo")
    assert settings.rollout.hours == Hours(time(8), time(16))
    assert settings.passes.lifetime_minutes == 30
    assert settings.passes.show_within_hours == 24
    assert settings.web.bind == Bind("127.0.0.1", 8080)


def test_the_file_that_comes_along_is_right_but_for_what_only_you_know() -> None:
    root = Path(__file__).parents[2]

    assert load(root / "app.yaml", {}, complete=False).slack.mode is SlackMode.SOCKET
    with pytest.raises(SettingsError, match=r"slack\.app_token, .* are missing"):
        load(root / "app.yaml", {})


def test_a_variable_beats_a_secret_file_which_beats_the_file(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "TOFAKTOR_SLACK__BOT_TOKEN").write_text("xoxb-from-folder\n")
    (folder / "TOFAKTOR_SLACK__APP_TOKEN").write_text("xapp-from-folder\n")
    (folder / "..data").mkdir()
    (folder / "README").write_text("not ours")
    environ = {"TOFAKTOR_SECRETS_DIR": str(folder), "TOFAKTOR_SLACK__BOT_TOKEN": "xoxb-from-variable"}

    settings = loaded(file, COMPLETE, environ)

    assert settings.slack.bot_token.get_secret_value() == "xoxb-from-variable"
    assert settings.slack.app_token.get_secret_value() == "xapp-from-folder"
    assert settings.entra.client_secret.get_secret_value() == "canary-client"


def test_variables_are_typed_like_the_file(file: Path) -> None:
    environ = {
        "TOFAKTOR_PASSES__LIFETIME_MINUTES": "15",
        "TOFAKTOR_ORGANISATION__OWN_TELECOM": "true",
        "TOFAKTOR_ROLLOUT__OFFSETS": "3, -1,0",
        "TOFAKTOR_ROLLOUT__QUIET_DAYS": "2026-12-24,2026-12-31",
        "TOFAKTOR_SLACK__WORKSPACE_IDS": "T1,E2",
        "TOFAKTOR_ORGANISATION__SERVICE_DESK__NB": "Brukerstøtte",
        "TOFAKTOR_ORGANISATION__SERVICE_DESK__NN": "Brukarstøtte",
        "TOFAKTOR_ORGANISATION__SERVICE_DESK__EN": "Service desk",
        "TOFAKTOR_HTTP__CA_FILE": "",
    }

    settings = loaded(file, COMPLETE, environ)

    assert settings.passes.lifetime_minutes == 15
    assert settings.organisation.own_telecom
    assert settings.rollout.offsets == (-1, 0, 3)
    assert settings.rollout.quiet_days == (date(2026, 12, 24), date(2026, 12, 31))
    assert settings.slack.workspace_ids == ("T1", "E2")
    assert settings.organisation.said_in(Language.NN)["service_desk"] == "Brukarstøtte"
    assert settings.http.ca_file is None


def test_a_list_of_keys_rotates(file: Path) -> None:
    new = base64.urlsafe_b64encode(b"\xff" * 32).decode().rstrip("=")

    listed = loaded(file, changed(f"audit_key: {AUDIT}", f"audit_key: [{new}, {AUDIT}]"))
    given_as_variable = loaded(file, COMPLETE, {"TOFAKTOR_SECRETS__AUDIT_KEY": f"{new},{AUDIT}"})

    assert [key.get_secret_value()[0] for key in listed.secrets.audit_key] == [255, 0]
    assert given_as_variable.secrets == listed.secrets


def test_one_text_is_said_in_every_language(file: Path) -> None:
    organisation = loaded(
        file, COMPLETE + 'organisation:\n  name: Fjordheim\n  service_desk_phone: "+47"\n'
    ).organisation

    assert organisation.said_in(Language.EN) == organisation.said_in(Language.NB)
    assert organisation.said_in(Language.EN)["name"] == "Fjordheim"
    assert organisation.said_in(Language.EN)["service_desk_place"] is None


def test_a_reader_is_off_until_it_is_named(file: Path) -> None:
    reader = "answers:\n  reader:\n    url: http://127.0.0.1:11434/v1/\n    model: small\n"
    assert not loaded(file).answers.reader.on

    found = loaded(file, COMPLETE + reader, {"TOFAKTOR_ANSWERS__READER__KEY": "canary"}).answers.reader

    assert (found.on, found.url, found.model) == (True, "http://127.0.0.1:11434/v1", "small")
    assert found.key.get_secret_value() == "canary"
    assert "canary" not in repr(found)


def test_relative_files_count_from_the_settings_file(file: Path) -> None:
    (file.parent / "ca.pem").write_text("")

    settings = loaded(file, COMPLETE + "http:\n  ca_file: ca.pem\n")

    assert settings.http.ca_file == file.parent / "ca.pem"
    assert settings.storage.url.get_secret_value() == f"sqlite:///{file.parent}/tofaktor.db"


def test_yaml_is_read_as_written(file: Path) -> None:
    text = changed("slack:", "slack:\n  mode: http\n  signing_secret: canary").replace(
        f"  app_token: {APP}\n", ""
    )

    settings = loaded(file, text + "rollout:\n  hours: 10:30-12:00\norganisation:\n  decided_by: NO\n")

    assert settings.slack.mode is SlackMode.HTTP
    assert settings.rollout.hours == Hours(time(10, 30), time(12))
    assert settings.organisation.said_in(Language.EN)["decided_by"] == "NO"


def test_the_named_file_wins_over_the_variable(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("passes: {lifetime_minutes: 20}")
    file.write_text("passes: {lifetime_minutes: 25}")

    assert load(None, {"TOFAKTOR_CONFIG": str(other)}, complete=False).passes.lifetime_minutes == 20
    assert load(file, {"TOFAKTOR_CONFIG": str(other)}, complete=False).passes.lifetime_minutes == 25


# Every mistake, and what it is answered with. Lines count from the top of COMPLETE.
IN_THE_FILE = [
    (changed("slack:", "slak:"), "app.yaml, line 1: slak is not a setting; did you mean slack?"),
    (
        changed("support_channel", "suport_channel"),
        "app.yaml, line 3: slack.suport_channel is not a setting; did you mean slack.support_channel?",
    ),
    (COMPLETE + "5: 6\n", "app.yaml, line 17: 5 is not a setting."),
    (COMPLETE + "passes:\n  lifetime_minutes: soon\n", "passes.lifetime_minutes must be a whole number."),
    (COMPLETE + "passes:\n  lifetime_minutes: 61\n", "line 18: passes.lifetime_minutes must be at most 60."),
    (COMPLETE + "passes:\n  lifetime_minutes: 9\n", "passes.lifetime_minutes must be at least 10."),
    (COMPLETE + "passes:\n  show_within_hours: 169\n", "passes.show_within_hours must be at most 168."),
    (COMPLETE + "passes: 5\n", "app.yaml, line 17: passes must be a group of settings, with keys below it."),
    (changed("slack:", "slack:\n  mode: carrier"), "line 2: slack.mode must be socket, http or off."),
    (changed("slack:", "slack:\n  api_url: https://slack.com/"), "slack.api_url must end in /api/."),
    (
        changed("C0123", "'#support'"),
        "slack.support_channel must be a channel id such as C0123456789, not a name.",
    ),
    (
        changed("[T0123]", "[T0123, fjordheim]"),
        "slack.workspace_ids must be a workspace id such as T0123456789 (entry 2).",
    ),
    (changed(BOT, APP), "line 4: slack.bot_token must be the bot token, which begins with xoxb-."),
    (changed(APP, BOT), "slack.app_token must be an app-level token, which begins with xapp-."),
    (changed(f"group: {GROUP}", "group: Support approvers"), "approval.group must be an id such as"),
    (changed(AUDIT, "canary"), "secrets.audit_key must be 32 random bytes in base64"),
    (changed(AUDIT, EVIDENCE), "secrets.evidence_key must not be the same key as secrets.audit_key."),
    (changed(AUDIT, f"[{AUDIT}, {AUDIT}]"), "secrets.audit_key holds the same key twice."),
    (COMPLETE + "teams:\n  mode: socket\n", "teams.mode must be http or off."),
    (
        COMPLETE + "teams:\n  mode: http\n",
        "teams.app_id, teams.client_secret, teams.certificate or teams.managed_identity and teams.tenant_ids",
    ),
    (COMPLETE + "teams:\n  support_channel: Support\n", "must be a channel id such as 19:…@thread.tacv2"),
    (COMPLETE + "teams:\n  service_urls: https://a.*.example\n", "teams.service_urls may hold a star only"),
    (COMPLETE + "teams:\n  service_urls: http://a.example\n", "teams.service_urls must begin with https://"),
    (COMPLETE + "web:\n  public_url: http://case.example\n", "web.public_url must begin with https://"),
    (COMPLETE + "web:\n  public_url: https://case.example/bot\n", "web.public_url must hold no path"),
    (COMPLETE + "web:\n  bind: 8080\n", "web.bind must be an address and a port such as 127.0.0.1:8080."),
    (COMPLETE + "web:\n  bind: 127.0.0.1:99999\n", "web.bind must be an address and a port"),
    (COMPLETE + "web:\n  trusted_proxies: proxy\n", "web.trusted_proxies must list addresses or networks"),
    (COMPLETE + "links:\n  setup: javascript:alert(1)\n", "links.setup must be a web address"),
    (
        COMPLETE + "links:\n  setup: https://kari:canary@fjordheim.example\n",
        "links.setup must not hold a user name",
    ),
    (
        COMPLETE + "rollout:\n  time_zone: Europe/Olso\n",
        "rollout.time_zone must be a time zone such as Europe/Oslo.",
    ),
    (COMPLETE + "rollout:\n  hours: 16:00-08:00\n", "rollout.hours must end later than it begins."),
    (COMPLETE + "support:\n  hours: 15:30-08:00\n", "support.hours must end later than it begins."),
    (COMPLETE + "rollout:\n  hours: 8-16\n", "rollout.hours must be two times such as 08:00-16:00."),
    (COMPLETE + "rollout:\n  hours: 08:00-24:00\n", "rollout.hours must be two times such as 08:00-16:00."),
    (COMPLETE + "rollout:\n  offsets: []\n", "rollout.offsets must name at least one day."),
    (COMPLETE + "rollout:\n  offsets: [1, 1]\n", "rollout.offsets names the same day twice."),
    (COMPLETE + "rollout:\n  offsets: [1, 99]\n", "rollout.offsets must lie between -90 (before)"),
    (
        COMPLETE + f"rollout:\n  waves:\n    - {WAVE}\n    - {WAVE.replace(GROUP, ELSEWHERE)}\n",
        "rollout.waves has two entries with the name First.",
    ),
    (
        COMPLETE + f"rollout:\n  waves:\n    - {WAVE}\n    - {WAVE.replace('First', 'Second')}\n",
        f"rollout.waves has two entries with the group {GROUP}",
    ),
    (
        COMPLETE + f"rollout:\n  waves:\n    - {WAVE.replace('day:', 'day: 2027-03-01, latest_day:')}\n",
        "rollout.waves entry First: latest_day must not come before activation_day.",
    ),
    (
        COMPLETE + f"rollout:\n  waves:\n    - {WAVE}\n  exclude_groups: {GROUP}\n",
        "rollout.waves entry First: its group is in rollout.exclude_groups too.",
    ),
    (COMPLETE + "rollout:\n  waves:\n    - {name: First, group: Staff}\n", "must be an id such as"),
    (
        COMPLETE + "rollout:\n  quiet_days: [24.12.2026]\n",
        "rollout.quiet_days must be a date such as 2027-01-18 (entry 1).",
    ),
    (
        COMPLETE + "storage:\n  url: mysql://canary\n",
        "storage.url must begin with sqlite:/// or postgresql://.",
    ),
    (
        COMPLETE + "organisation:\n  name: {nb: x, nn: y}\n",
        "organisation.name.en is missing: a text has en, nb and nn",
    ),
    (COMPLETE + "organisation:\n  decided_by: 7\n", "organisation.decided_by must be text, or one text each"),
    (
        COMPLETE + "organisation:\n  service_desk_phone: +4712345678\n",
        "organisation.service_desk_phone must be text: put it in quotation marks.",
    ),
    (COMPLETE + "http:\n  ca_file: nowhere.pem\n", "line 18: http.ca_file names the file"),
    (COMPLETE + "retention:\n  questions_days: 0\n", "retention.questions_days must be at least 1."),
    (
        COMPLETE + "answers:\n  reader:\n    url: https://canary.example/v1\n",
        "line 18: answers.reader.model is missing, since answers.reader.url is set.",
    ),
    (
        COMPLETE + "answers:\n  reader:\n    model: canary\n",
        "line 18: answers.reader.url is missing, since answers.reader.model is set.",
    ),
    (
        COMPLETE + "answers:\n  reader:\n    key: canary\n",
        "line 19: answers.reader.key is of no use without answers.reader.url.",
    ),
    (
        COMPLETE + "answers:\n  reader:\n    url: http://canary.example/v1\n    model: m\n",
        "line 19: answers.reader.url must begin with https:// (http is only for this machine itself).",
    ),
    (
        COMPLETE + "answers:\n  reader:\n    modell: canary\n",
        "line 19: answers.reader.modell is not a setting; did you mean answers.reader.model?",
    ),
    (
        changed("client_secret: canary-client", "client_secret: canary\n  certificate: bot.pem"),
        "entra.certificate cannot stand beside entra.client_secret: keep one of them.",
    ),
    (
        changed("canary-client", "canary-client\n  managed_identity: system"),
        "entra.managed_identity cannot stand beside entra.client_secret: keep one of them.",
    ),
    (
        changed("client_secret: canary-client", "managed_identity: mine"),
        "entra.managed_identity must be system, or the client id of a user-assigned identity.",
    ),
    (
        COMPLETE + "signin:\n  auth_context: c1\n",
        "signin.client_id is missing, since the rest of signin is set.",
    ),
    (
        COMPLETE + f"signin:\n  client_id: {GROUP}\n  auth_context: c1\n",
        "signin.client_secret is missing, or signin.certificate, since signin.client_id is set.",
    ),
    (
        COMPLETE + f"signin:\n  client_id: {GROUP}\n  client_secret: canary\n",
        "signin.auth_context is missing, which approval.step_up window demands.",
    ),
    (
        COMPLETE + f"signin:\n  client_id: {GROUP}\n  client_secret: canary\n  auth_context: c100\n",
        "line 20: signin.auth_context must be the id of an authentication context, c1 to c99.",
    ),
    (
        COMPLETE + f"signin:\n  client_id: {GROUP}\n  client_secret: canary\n  auth_context: c1\n",
        "line 7: entra.tenant_id must be the id of the tenant, not a domain: sign-ins are checked against it.",
    ),
    (
        changed("approval:", "approval:\n  step_up: off"),
        "approval.step_up must be always, window or off_weakens_approval.",
    ),
    (
        changed("slack:", "slack:\n  mode: off"),
        "The bot is in no chat: switch on slack.mode or teams.mode, which are both off.",
    ),
    (
        changed(f"  app_token: {APP}\n", ""),
        "slack.app_token is missing: set it in app.yaml, as a variable such as",
    ),
    (changed("slack:", "slack:\n  mode: http"), "slack.signing_secret is missing"),
    (changed(f"  bot_token: {BOT}\n", "  bot_token:\n"), "slack.bot_token is missing"),
    (
        changed("  client_secret: canary-client\n", ""),
        "entra.client_secret, entra.certificate or entra.managed_identity is missing",
    ),
    (changed("C0123", ""), "slack.support_channel is missing"),
    (
        changed("C0123", "").replace("slack:", "teams:\n  mode: http\nslack:"),
        "and slack.support_channel or teams.support_channel are missing",
    ),
    (
        changed("[T0123]", "[]").replace("C0123", ""),
        "slack.workspace_ids and slack.support_channel are missing",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), IN_THE_FILE, ids=[found for _, found in IN_THE_FILE])
def test_a_mistake_in_the_file_is_named_with_its_place(file: Path, text: str, sentence: str) -> None:
    assert sentence in refusal(file, text)


def test_signing_in_without_stepping_up_has_to_be_asked_for_by_its_name(file: Path) -> None:
    text = changed("tenant_id: fjordheim.example", f"tenant_id: {GROUP}").replace(
        "approval:", "approval:\n  step_up: off_weakens_approval"
    )
    signin = f"signin:\n  client_id: {GROUP}\n  client_secret: canary\n"
    assert loaded(file, text + signin).signin.on
    assert not loaded(file).signin.on


def test_the_certificate_of_signing_in_counts_from_the_folder_of_the_file(file: Path) -> None:
    signin = f"signin:\n  client_id: {GROUP}\n  certificate: signin.pem\n  auth_context: c1\n"
    text = changed("tenant_id: fjordheim.example", f"tenant_id: {GROUP}") + signin
    assert "signin.certificate names the file" in refusal(file, text)
    (file.parent / "signin.pem").touch()
    assert loaded(file, text).signin.certificate == file.parent / "signin.pem"


NOT_YAML = [
    ("slack: [1\nweb: 2", "app.yaml, line 2, column 4: this is not YAML"),
    ("slack:\n\tmode: off", "app.yaml, line 2, column 1: this is not YAML"),
    (
        "slack:\n  mode: off\nslack:\n  mode: http",
        "app.yaml, line 3, column 1: the key slack stands here for the second time.",
    ),
    (
        "slack:\n  bot_token: canary1\n  bot_token: canary2",
        "line 3, column 3: the key bot_token stands here for the second",
    ),
    ("- slack", "app.yaml must hold groups of settings"),
    ("x: \x07", "app.yaml holds a character that YAML does not allow."),
    ("a: 1\n---\nb: 2", "app.yaml, line 2, column 1: this is not YAML"),
    ("a: *nowhere", "this is not YAML"),
    ("a: &x {b: *x}", "a is not a setting"),
    ("rollout:\n  quiet_days:\n    - 2027-02-30", "app.yaml, line 3: 2027-02-30 is not a date."),
    ("a: !!int x", "app.yaml holds a date or number that cannot be."),
    ("a: " + "[" * 2000, "app.yaml is nested too deeply for settings."),
    ("a: !!python/object:os.system 1", "this is not YAML"),
]


@pytest.mark.parametrize(("text", "sentence"), NOT_YAML, ids=[found for _, found in NOT_YAML])
def test_broken_yaml_is_named_with_line_and_column(file: Path, text: str, sentence: str) -> None:
    assert sentence in refusal(file, text)


IN_A_VARIABLE = [
    (
        {"TOFAKTOR_SLACK_BOT_TOKEN": "x"},
        "TOFAKTOR_SLACK_BOT_TOKEN is not a setting; did you mean TOFAKTOR_SLACK__BOT_TOKEN?",
    ),
    ({"tofaktor_slack__bot_token": "x"}, "tofaktor_slack__bot_token is not a setting; did you mean"),
    (
        {"TOFAKTOR_SECRET_DIR": "x"},
        "TOFAKTOR_SECRET_DIR is not a setting; did you mean TOFAKTOR_SECRETS_DIR?",
    ),
    ({"TOFAKTOR_SLACK": "{}"}, "TOFAKTOR_SLACK is not a setting"),
    ({"TOFAKTOR_QQQ": "x"}, "TOFAKTOR_QQQ is not a setting."),
    (
        {"TOFAKTOR_PASSES__LIFETIME_MINUTES": "canary"},
        "TOFAKTOR_PASSES__LIFETIME_MINUTES: passes.lifetime_minutes must be a whole number.",
    ),
    (
        {"TOFAKTOR_SECRETS__AUDIT_KEY": "canary"},
        "TOFAKTOR_SECRETS__AUDIT_KEY: secrets.audit_key must be 32 random",
    ),
    (
        {"TOFAKTOR_SECRETS_DIR": "/nowhere/at/all"},
        "TOFAKTOR_SECRETS_DIR names /nowhere/at/all, which cannot be read",
    ),
]


@pytest.mark.parametrize(("environ", "sentence"), IN_A_VARIABLE, ids=[found for _, found in IN_A_VARIABLE])
def test_a_mistake_in_a_variable_is_named(file: Path, environ: Mapping[str, str], sentence: str) -> None:
    assert sentence in refusal(file, COMPLETE, environ)


SECRET_FILES = [
    (
        "TOFAKTOR_SLACK__BOT_TOKN",
        b"canary",
        r"/TOFAKTOR_SLACK__BOT_TOKN: .*did you mean TOFAKTOR_SLACK__BOT_TOKEN\?",
    ),
    (
        "TOFAKTOR_SLACK__BOT_TOKEN",
        b"canary",
        r"/TOFAKTOR_SLACK__BOT_TOKEN: slack\.bot_token must be the bot token",
    ),
    ("TOFAKTOR_SLACK__BOT_TOKEN", b"\xff\xfecanary", r"/TOFAKTOR_SLACK__BOT_TOKEN is not text in UTF-8\."),
]


@pytest.mark.parametrize(("name", "content", "sentence"), SECRET_FILES)
def test_a_mistake_in_a_secret_file_is_named(file: Path, name: str, content: bytes, sentence: str) -> None:
    folder = file.parent / "secrets"
    folder.mkdir()
    (folder / name).write_bytes(content)

    assert re.search(sentence, refusal(file, COMPLETE, {"TOFAKTOR_SECRETS_DIR": str(folder)}))


def test_a_secret_folder_below_is_no_file(file: Path) -> None:
    folder = file.parent / "secrets"
    (folder / "TOFAKTOR_SLACK__BOT_TOKEN").mkdir(parents=True)

    assert "cannot be read: is a directory." in refusal(file, COMPLETE, {"TOFAKTOR_SECRETS_DIR": str(folder)})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml cannot be read: no such file or directory\."):
        load(tmp_path / "nowhere.yaml", {})
    with pytest.raises(SettingsError, match=r"nowhere\.yaml cannot be read"):
        load(None, {"TOFAKTOR_CONFIG": str(tmp_path / "nowhere.yaml")})


def test_a_part_is_enough_for_a_command_that_needs_no_more(file: Path) -> None:
    file.write_text("links:\n  setup: https://fjordheim.example/mfa?lang=nb#start\n")

    assert load(file, {}, complete=False).links.setup == "https://fjordheim.example/mfa?lang=nb#start"


def test_secrets_mask_themselves(file: Path) -> None:
    settings = loaded(file, COMPLETE + "storage:\n  url: postgresql://bot:canary@db.example/bot\n")
    shown = [repr(settings), str(settings), settings.model_dump_json(), f"{settings.slack.bot_token}"]

    for secret in ("canary", AUDIT, repr(bytes(range(32)))):
        assert all(secret not in text for text in shown)


def test_settings_are_frozen(file: Path) -> None:
    settings = loaded(file)

    with pytest.raises(ValidationError, match="frozen"):
        settings.slack = settings.slack
    with pytest.raises(ValidationError, match="frozen"):
        settings.passes.lifetime_minutes = 5
    assert pickle.loads(pickle.dumps(settings.passes)) == settings.passes


def test_nothing_is_read_from_the_process(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOFAKTOR_PASSES__LIFETIME_MINUTES", "15")

    assert loaded(file).passes.lifetime_minutes == 30
    assert Settings().passes.lifetime_minutes == 30


def test_importing_reads_nothing(tmp_path: Path) -> None:
    broken = {**os.environ, "TOFAKTOR_CONFIG": "/nowhere", "TOFAKTOR_QQQ": "1"}
    done = subprocess.run(
        [sys.executable, "-c", "import bot.settings"], env=broken, cwd=tmp_path, check=False
    )

    assert done.returncode == 0


def test_every_setting_has_a_variable_of_its_own() -> None:
    names = [variable(key) for key in keys()]

    assert len(set(names)) == len(names)
    assert "TOFAKTOR_SLACK__BOT_TOKEN" in names


@given(st.ip_addresses())
def test_only_loopback_addresses_are_loopback(address: object) -> None:
    assert is_loopback(str(address)) == ip_address(str(address)).is_loopback


@pytest.mark.parametrize(
    "host", ["localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "10.0.0.1", ""]
)
def test_names_that_look_like_loopback_are_not(host: str) -> None:
    assert not is_loopback(host)


@given(text=st.text(max_size=200))
def test_a_file_gives_settings_or_a_sentence_whatever_is_in_it(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.mktemp("any") / "app.yaml"
    file.write_text(text, encoding="utf-8")
    with suppress(SettingsError):
        load(file, {}, complete=False)
