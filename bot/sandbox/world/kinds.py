"""What the invented people have in common: students, employees, supporters."""

from datetime import date

from bot.sandbox.world.groups import EMPLOYEES, STUDENTS
from bot.sandbox.world.model import DOMAIN, Kind, Resident, Role, guid, slack_id, synthetic_number
from handlers.messages import Language

_LOCALES = {Language.EN: "en-GB", Language.NB: "nb-NO", Language.NN: "nn-NO"}


def resident(
    name: str,
    account: str,
    born: date | None,
    language: Language,
    kind: Kind,
    department: str,
    *,
    methods: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    mail: str | None = None,
    slack: bool = True,
    enabled: bool = True,
    speaks: str | None = "",
    roles: tuple[Role, ...] = (),
    eligible: tuple[Role, ...] = (),
    management_restricted: bool = False,
    manager: str | None = None,
) -> Resident:
    """Somebody with an account. ``born`` gives them a person number, and with it an eID."""
    upn = f"{account}@{DOMAIN}"
    return Resident(
        object_id=guid("user", account),
        upn=upn,
        mail=mail or upn,
        name=name,
        language=language,
        kind=kind,
        department=department,
        slack_id=slack_id("U", account) if slack else None,
        methods=methods,
        groups=groups,
        enabled=enabled,
        external="#EXT#" in account,
        preferred_language=_LOCALES[language] if speaks == "" else speaks,
        roles=roles,
        eligible=eligible,
        management_restricted=management_restricted,
        person_number=synthetic_number(born, account) if born else None,
        manager=manager,
    )


def student(
    number: int,
    name: str,
    mail: str,
    born: date | None,
    language: Language,
    *methods: str,
    department: str = "Faculty of Science",
    slack: bool = True,
    speaks: str | None = "",
) -> Resident:
    """Students sign in with a number; their mail address has their name."""
    return resident(
        name,
        f"s{number}",
        born,
        language,
        Kind.STUDENT,
        department,
        methods=methods,
        groups=(STUDENTS,),
        mail=f"{mail}@{DOMAIN}",
        slack=slack,
        speaks=speaks,
    )


def employee(
    name: str,
    account: str,
    born: date | None,
    language: Language,
    department: str,
    *methods: str,
    groups: tuple[str, ...] = (EMPLOYEES,),
    slack: bool = True,
    enabled: bool = True,
    speaks: str | None = "",
    manager: str | None = None,
) -> Resident:
    """Somebody who works here."""
    return resident(
        name,
        account,
        born,
        language,
        Kind.STAFF,
        department,
        methods=methods,
        groups=groups,
        slack=slack,
        enabled=enabled,
        speaks=speaks,
        manager=manager,
    )


def supporter(
    name: str, account: str, born: date, language: Language, *groups: str, methods: tuple[str, ...]
) -> Resident:
    """Somebody of IT support."""
    return resident(
        name,
        account,
        born,
        language,
        Kind.SUPPORT,
        "IT Support",
        methods=methods,
        groups=(EMPLOYEES, *groups),
        manager="Gro Eikeland",
    )
