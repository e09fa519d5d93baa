"""The application permissions of the bot in Microsoft Graph: needed, granted, missing, and more than needed."""

import base64
import binascii
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from bot.doctor.finding import Finding, doubtful, fine, wrong
from bot.settings import Settings
from graph import groups, mail, methods, passes, reports, roles, teams_apps, users

_EVERY_METHOD: Final = "UserAuthenticationMethod.ReadWrite.All"
_CONSENT: Final = (
    "grant it to the app registration in Entra (API permissions, application), with an admin's consent"
)


_BY_HAND: Final = "grant it to the app registration in Entra, or leave it: people then remove that themselves"


@dataclass(frozen=True)
class Need:
    """One permission, and what it is for."""

    permission: str
    feature: str
    broader: frozenset[str] = frozenset()
    """Any of these does as well."""
    without: str = ""
    """What to do or to expect, where the bot can do without it."""


NEEDS: Final = (
    Need(users.USERS, "accounts of the people who write"),
    Need(groups.MEMBERS, "who may approve, and which accounts need more proof"),
    Need(roles.ROLES, "refusing passes to administrators"),
    Need(methods.METHODS, "which sign-in methods somebody has", frozenset({_EVERY_METHOD})),
    Need(passes.POLICY, "whether a pass would be accepted", frozenset({"Policy.Read.All"})),
    Need(
        reports.REPORT,
        "noticing passes that were made without a case, and who is ready for the activation day",
    ),
    Need(passes.WRITE, "showing and taking back passes", frozenset({_EVERY_METHOD})),
    *(
        Need(permission, f"removing {what} for their owner", frozenset({_EVERY_METHOD}), _BY_HAND)
        for permission, what in (
            (methods.REMOVE_APP, "old phones with Microsoft Authenticator"),
            (methods.REMOVE_OATH, "the codes of other authenticator apps on old phones"),
            (methods.REMOVE_NUMBER, "old numbers for text messages and calls"),
        )
    ),
)
_MAIL: Final = Need(
    mail.SEND,
    "mail with codes, notices and alarms",
    # A mailbox may be opened by role-based access in Exchange, of which a token says nothing.
    without="see that Exchange gives access to the mailbox (--send-test tries it), or grant it in Entra",
)
_ONLY_WHO_HAS_IT: Final = (
    "grant it to the app registration in Entra, or leave it: "
    "only those who have the app in Teams are then reached there"
)
_TEAMS: Final = (
    Need(
        teams_apps.CATALOGUE,
        "finding the bot among the apps of Teams",
        frozenset({"AppCatalog.ReadWrite.All"}),
        _ONLY_WHO_HAS_IT,
    ),
    Need(
        teams_apps.INSTALL,
        "giving the app in Teams to people who are to be reminded",
        frozenset({"TeamsAppInstallation.ReadWriteForUser.All"}),
        _ONLY_WHO_HAS_IT,
    ),
)
_REVOKE: Final = Need(
    users.REVOKE, 'signing people out before a pass and at "it wasn\'t me"', frozenset({"User.ReadWrite.All"})
)


def needs_of(settings: Settings) -> tuple[Need, ...]:
    """What these settings need."""
    mail_out = (_MAIL,) if settings.mail.sender else ()
    in_teams = _TEAMS if settings.teams.on else ()
    return (*NEEDS, *mail_out, *in_teams, *((_REVOKE,) if settings.passes.revoke_sessions else ()))


def roles_in(token: str) -> frozenset[str] | None:
    """The permissions that a token for our own application lists; nothing where it cannot be read.

    The signature is Graph's to check: here it only tells an administrator what was consented to.
    """
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, binascii.Error, ValueError):
        return None
    if not isinstance(claims, dict):
        return None
    listed = claims.get("roles", [])
    return frozenset(role for role in listed if isinstance(role, str)) if isinstance(listed, list) else None


def judge(needs: Collection[Need], granted: frozenset[str] | None) -> Iterator[Finding]:
    """One line for each need, and one for what can do harm and is not needed."""
    if granted is None:
        yield doubtful(
            "Graph permissions",
            "Entra's token is not readable, so nobody can tell what is granted",
            "look at the app registration in Entra",
        )
        return
    for need in needs:
        name = f"Graph permission {need.permission}"
        if found := granted & {need.permission, *need.broader}:
            by = "" if need.permission in found else f" by {min(found)}"
            yield fine(name, f"granted{by}: {need.feature}")
        elif need.without:
            yield doubtful(name, f"not granted in Entra: {need.feature}", need.without)
        else:
            yield wrong(name, f"missing: {need.feature}", _CONSENT)
    if spare := sorted(_harmful(granted - _used(needs))):
        yield doubtful(
            "Spare Graph permissions",
            f"{', '.join(spare)}: not needed, and of use to whoever steals the bot's key",
            "take them away from the app registration",
        )


def _used(needs: Collection[Need]) -> frozenset[str]:
    return frozenset(name for need in needs for name in (need.permission, *need.broader))


def _harmful(spare: Collection[str]) -> Iterator[str]:
    return (name for name in spare if ".Read." not in name and not name.endswith(".Read"))
