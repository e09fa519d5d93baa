"""Who is who at Fjordheim. All of them are invented."""

from datetime import date

from bot.sandbox.world.groups import (
    AGENTS,
    APPROVERS,
    EMPLOYEES,
    LIBRARY,
    ON_CALL,
    OPERATORS,
    RECTORATE,
    SECURITY,
    STUDENTS,
)
from bot.sandbox.world.model import (
    DOMAIN,
    GLOBAL_ADMINISTRATOR,
    HELPDESK_ADMINISTRATOR,
    Kind,
    Resident,
    Role,
    guid,
    slack_id,
    synthetic_number,
)
from handlers.messages import Language

EN, NB, NN = Language.EN, Language.NB, Language.NN
_LOCALES = {EN: "en-GB", NB: "nb-NO", NN: "nn-NO"}


def _resident(
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


def _student(
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
    return _resident(
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


def _employee(
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
    return _resident(
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


def _support(
    name: str, account: str, born: date, language: Language, *groups: str, methods: tuple[str, ...]
) -> Resident:
    return _resident(
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


_SUPPORT = (
    _support(
        "Ingrid Solbakken",
        "ingrid.solbakken",
        date(1984, 3, 9),
        NB,
        APPROVERS,
        methods=("authenticator", "fido2"),
    ),
    _support("Jonas Lien", "jonas.lien", date(1995, 11, 21), NN, AGENTS, methods=("authenticator",)),
    _support(
        "Máret Utsi",
        "maret.utsi",
        date(1990, 6, 2),
        NB,
        APPROVERS,
        AGENTS,
        methods=("authenticator", "fido2"),
    ),
    _support("Tomasz Nowak", "tomasz.nowak", date(1988, 1, 30), EN, ON_CALL, methods=("authenticator",)),
    _support(
        "Håkon Øvrebø", "hakon.ovrebo", date(1979, 8, 14), NN, AGENTS, methods=("authenticator", "phone")
    ),
)

_ADMINISTRATORS = (
    _resident(
        "Astrid Kvamme",
        "astrid.kvamme",
        date(1976, 4, 18),
        NN,
        Kind.ADMINISTRATOR,
        "IT Operations",
        methods=("authenticator", "fido2"),
        groups=(EMPLOYEES, SECURITY),
        roles=(GLOBAL_ADMINISTRATOR,),
    ),
    _resident(
        "Rune Tveit",
        "rune.tveit",
        date(1981, 12, 5),
        NB,
        Kind.ADMINISTRATOR,
        "IT Operations",
        methods=("authenticator",),
        groups=(EMPLOYEES,),
        eligible=(GLOBAL_ADMINISTRATOR,),
    ),
    _resident(
        "Siri Haugland",
        "siri.haugland",
        date(1992, 9, 27),
        NB,
        Kind.ADMINISTRATOR,
        "IT Operations",
        methods=("authenticator",),
        groups=(EMPLOYEES, OPERATORS),
    ),
    _resident(
        "Viktor Dahl",
        "viktor.dahl",
        date(1986, 2, 11),
        NB,
        Kind.ADMINISTRATOR,
        "IT Operations",
        methods=("windows_hello",),
        groups=(EMPLOYEES, SECURITY),
        roles=(HELPDESK_ADMINISTRATOR,),
    ),
)

_EMPLOYEES = (
    _employee(
        "Aisha Rahman",
        "aisha.rahman",
        date(1987, 5, 16),
        EN,
        "Department of Physics",
        "authenticator",
        "fido2",
    ),
    _employee("Bjørn Sætre", "bjorn.satre", date(1968, 10, 3), NB, "Facilities", "phone"),
    _employee(
        "Kari Bråten", "kari.braten", date(1973, 7, 22), NB, "Department of History", manager="Leif Åsen"
    ),
    _employee("Leif Åsen", "leif.asen", date(1965, 2, 28), NN, "Department of History", "authenticator"),
    _employee("Gro Eikeland", "gro.eikeland", date(1970, 12, 12), NN, "IT Support", "authenticator", "phone"),
    _employee(
        "Siobhán O'Brien",
        "siobhan.o'brien",
        date(1991, 4, 1),
        EN,
        "Department of Languages",
        manager="Leif Åsen",
    ),
    _employee(
        "Wei Zhang",
        "wei.zhang",
        date(1983, 9, 8),
        EN,
        "Department of Physics",
        "software_oath",
        speaks="zh-CN",
    ),
    _employee("Priya Nair", "priya.nair", date(1994, 1, 17), EN, "Department of Chemistry", speaks="en-IN"),
    _employee(
        "Ole Ánte Sara",
        "ole.ante.sara",
        date(1989, 6, 24),
        NB,
        "Sámi Studies",
        "authenticator",
        speaks="se-NO",
    ),
    _employee("Elle Márjá Gaup", "elle.marja.gaup", date(1997, 3, 6), NB, "Sámi Studies", speaks="se-NO"),
    _employee("Anne Hansen", "anne.hansen", date(1980, 8, 19), NB, "Human Resources", "authenticator"),
    _employee("Anne Hansen", "anne.hansen2", date(1999, 5, 25), NB, "Library", groups=(LIBRARY,)),
    _employee("Torunn Bø", "torunn.bo", date(1977, 11, 11), NN, "Library", "email", groups=(LIBRARY,)),
    _employee(
        "Mehmet Yılmaz",
        "mehmet.yilmaz",
        date(1985, 10, 29),
        EN,
        "Library",
        "authenticator",
        groups=(LIBRARY,),
    ),
    _employee(
        "Unni Bergersen",
        "unni.bergersen",
        date(1961, 1, 5),
        NB,
        "Rectorate",
        "authenticator",
        groups=(RECTORATE,),
    ),
    _employee("Pål Grønvold", "pal.gronvold", date(1966, 4, 30), NB, "Rectorate", groups=(RECTORATE,)),
    _employee(
        "Oddvar Nes", "oddvar.nes", date(1958, 7, 7), NN, "Facilities", "phone", slack=False, enabled=False
    ),
    _employee(
        "Gunnhild Myhre", "gunnhild.myhre", date(1972, 3, 15), NN, "Facilities", slack=False, speaks=None
    ),
    _employee("Dmytro Shevchuk", "dmytro.shevchuk", None, EN, "Department of Chemistry", speaks="uk-UA"),
    _resident(
        "Lucia Ferrari",
        "lucia.ferrari_partner.example#EXT#",
        None,
        EN,
        Kind.STAFF,
        "Department of Physics",
        groups=(EMPLOYEES,),
        mail="lucia.ferrari@partner.example",
        speaks=None,
    ),
    _resident(
        "Randi Moe",
        "randi.moe",
        date(1982, 6, 13),
        NB,
        Kind.STAFF,
        "Finance",
        methods=("authenticator",),
        groups=(EMPLOYEES,),
        management_restricted=True,
    ),
)

_STUDENTS = (
    _student(240117, "Nora Lindqvist", "nora.lindqvist", date(2003, 2, 14), NB),
    _student(240118, "Emil Aasen", "emil.aasen", date(2004, 9, 30), NN, "authenticator"),
    _student(240119, "Fatima Yusuf", "fatima.yusuf", date(2002, 12, 1), NB, "phone"),
    _student(240120, "Lars Johan Eira", "lars.johan.eira", date(2001, 5, 9), NB),
    _student(240121, "Sunniva Østby", "sunniva.ostby", date(2005, 1, 20), NN, department="Faculty of Arts"),
    _student(240122, "Chloé Dubois", "chloe.dubois", None, EN, "authenticator", speaks="fr-FR"),
    _student(240123, "Arjun Patel", "arjun.patel", None, EN, speaks=None),
    _student(
        240124,
        "Maja Kowalczyk",
        "maja.kowalczyk",
        date(2003, 8, 8),
        NB,
        "fido2",
        department="Faculty of Arts",
    ),
    _student(240125, "Sigurd Ås", "sigurd.as", date(2000, 11, 3), NN, "software_oath"),
    _student(240126, "Yuki Tanaka", "yuki.tanaka", None, EN, slack=False, speaks="ja-JP"),
    _student(240127, "Thea Vågen", "thea.vagen", date(2004, 4, 4), NB, "phone", "email"),
)

_GUESTS = (
    _resident(
        "Kofi Mensah",
        "kofi.mensah_partner.example#EXT#",
        None,
        EN,
        Kind.GUEST,
        "Department of Physics",
        mail="kofi.mensah@partner.example",
        speaks=None,
    ),
    _resident(
        "Peder Moen",
        "peder.moen",
        date(1955, 10, 10),
        NB,
        Kind.GUEST,
        "Department of History",
        slack=False,
    ),
)

RESIDENTS = (*_SUPPORT, *_ADMINISTRATORS, *_EMPLOYEES, *_STUDENTS, *_GUESTS)
