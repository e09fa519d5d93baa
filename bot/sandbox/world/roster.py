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
)
from bot.sandbox.world.kinds import employee, resident, student, supporter
from bot.sandbox.world.model import (
    GLOBAL_ADMINISTRATOR,
    HELPDESK_ADMINISTRATOR,
    Kind,
)
from handlers.messages import Language

EN, NB, NN = Language.EN, Language.NB, Language.NN

_SUPPORT = (
    supporter(
        "Ingrid Solbakken",
        "ingrid.solbakken",
        date(1984, 3, 9),
        NB,
        APPROVERS,
        methods=("authenticator", "fido2"),
    ),
    supporter("Jonas Lien", "jonas.lien", date(1995, 11, 21), NN, AGENTS, methods=("authenticator",)),
    supporter(
        "Máret Utsi",
        "maret.utsi",
        date(1990, 6, 2),
        NB,
        APPROVERS,
        AGENTS,
        methods=("authenticator", "fido2"),
    ),
    supporter("Tomasz Nowak", "tomasz.nowak", date(1988, 1, 30), EN, ON_CALL, methods=("authenticator",)),
    supporter(
        "Håkon Øvrebø", "hakon.ovrebo", date(1979, 8, 14), NN, AGENTS, methods=("authenticator", "phone")
    ),
)

_ADMINISTRATORS = (
    resident(
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
    resident(
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
    resident(
        "Siri Haugland",
        "siri.haugland",
        date(1992, 9, 27),
        NB,
        Kind.ADMINISTRATOR,
        "IT Operations",
        methods=("authenticator",),
        groups=(EMPLOYEES, OPERATORS),
    ),
    resident(
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
    employee(
        "Aisha Rahman",
        "aisha.rahman",
        date(1987, 5, 16),
        EN,
        "Department of Physics",
        "authenticator",
        "fido2",
        manager="Unni Bergersen",
    ),
    employee(
        "Bjørn Sætre",
        "bjorn.satre",
        date(1968, 10, 3),
        NB,
        "Facilities",
        "phone",
        manager="Gunnhild Myhre",
    ),
    employee(
        "Kari Bråten", "kari.braten", date(1973, 7, 22), NB, "Department of History", manager="Leif Åsen"
    ),
    employee("Leif Åsen", "leif.asen", date(1965, 2, 28), NN, "Department of History", "authenticator"),
    employee("Gro Eikeland", "gro.eikeland", date(1970, 12, 12), NN, "IT Support", "authenticator", "phone"),
    employee(
        "Siobhán O'Brien",
        "siobhan.o'brien",
        date(1991, 4, 1),
        EN,
        "Department of Languages",
        manager="Leif Åsen",
    ),
    employee(
        "Wei Zhang",
        "wei.zhang",
        date(1983, 9, 8),
        EN,
        "Department of Physics",
        "software_oath",
        speaks="zh-CN",
        manager="Aisha Rahman",
    ),
    employee("Priya Nair", "priya.nair", date(1994, 1, 17), EN, "Department of Chemistry", speaks="en-IN"),
    employee(
        "Ole Ánte Sara",
        "ole.ante.sara",
        date(1989, 6, 24),
        NB,
        "Sámi Studies",
        "authenticator",
        speaks="se-NO",
        manager="Unni Bergersen",
    ),
    employee(
        "Elle Márjá Gaup",
        "elle.marja.gaup",
        date(1997, 3, 6),
        NB,
        "Sámi Studies",
        speaks="se-NO",
        manager="Ole Ánte Sara",
    ),
    employee("Anne Hansen", "anne.hansen", date(1980, 8, 19), NB, "Human Resources", "authenticator"),
    employee("Anne Hansen", "anne.hansen2", date(1999, 5, 25), NB, "Library", groups=(LIBRARY,)),
    employee("Torunn Bø", "torunn.bo", date(1977, 11, 11), NN, "Library", "email", groups=(LIBRARY,)),
    employee(
        "Mehmet Yılmaz",
        "mehmet.yilmaz",
        date(1985, 10, 29),
        EN,
        "Library",
        "authenticator",
        groups=(LIBRARY,),
        manager="Torunn Bø",
    ),
    employee(
        "Unni Bergersen",
        "unni.bergersen",
        date(1961, 1, 5),
        NB,
        "Rectorate",
        "authenticator",
        groups=(RECTORATE,),
    ),
    employee(
        "Pål Grønvold",
        "pal.gronvold",
        date(1966, 4, 30),
        NB,
        "Rectorate",
        groups=(RECTORATE,),
        manager="Unni Bergersen",
    ),
    employee(
        "Oddvar Nes", "oddvar.nes", date(1958, 7, 7), NN, "Facilities", "phone", slack=False, enabled=False
    ),
    employee(
        "Gunnhild Myhre", "gunnhild.myhre", date(1972, 3, 15), NN, "Facilities", slack=False, speaks=None
    ),
    employee("Dmytro Shevchuk", "dmytro.shevchuk", None, EN, "Department of Chemistry", speaks="uk-UA"),
    resident(
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
    resident(
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
    student(240117, "Nora Lindqvist", "nora.lindqvist", date(2003, 2, 14), NB),
    student(240118, "Emil Aasen", "emil.aasen", date(2004, 9, 30), NN, "authenticator"),
    student(240119, "Fatima Yusuf", "fatima.yusuf", date(2002, 12, 1), NB, "phone"),
    student(240120, "Lars Johan Eira", "lars.johan.eira", date(2001, 5, 9), NB),
    student(240121, "Sunniva Østby", "sunniva.ostby", date(2005, 1, 20), NN, department="Faculty of Arts"),
    student(240122, "Chloé Dubois", "chloe.dubois", None, EN, "authenticator", speaks="fr-FR"),
    student(240123, "Arjun Patel", "arjun.patel", None, EN, speaks=None),
    student(
        240124,
        "Maja Kowalczyk",
        "maja.kowalczyk",
        date(2003, 8, 8),
        NB,
        "fido2",
        department="Faculty of Arts",
    ),
    student(240125, "Sigurd Ås", "sigurd.as", date(2000, 11, 3), NN, "software_oath"),
    student(240126, "Yuki Tanaka", "yuki.tanaka", None, EN, slack=False, speaks="ja-JP"),
    student(240127, "Thea Vågen", "thea.vagen", date(2004, 4, 4), NB, "phone", "email"),
)

_GUESTS = (
    resident(
        "Kofi Mensah",
        "kofi.mensah_partner.example#EXT#",
        None,
        EN,
        Kind.GUEST,
        "Department of Physics",
        mail="kofi.mensah@partner.example",
        speaks=None,
    ),
    resident(
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
