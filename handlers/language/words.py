"""Words and endings that tell languages apart: common ones, since questions are short."""

import re
from typing import Final

NYNORSK: Final = frozenset(
    (
        "anten attende berre brukarnamn dei deira dessutan difor dykk dykkar då eg eiga eige eigen eigentleg eigne "
        "ein einaste eingong eit endeleg enno farleg fekk finn finst fleire framleis frå fyrst fyrste førespurnad "
        "førespurnaden gammal gje gjekk gjeld gjer gjera gjere gjev gjeve gløymde gløyme gløymt gong gongen gonger "
        "heilt heim heime heiter held heldt hemmeleg hjå ho hugsa hugsar hugse høyre høyrer høyrt ikkje imellom inga "
        "inkje innan innlogginga jamvel kje kjem kome komen kor korfor korkje korleis kva kvar kvarandre kvardag "
        "kvart kven kvifor køyre køyrer laurdag laus lause ligg lykel lèt lét løysing løysinga medan meir mellombels "
        "mista mogleg moglege mykje namn noko nokon nokor nokre nykel nytta opna opne personleg rettleiing saman seie "
        "seier sein seinare sidan sjå sjølv sjølve skriv skule skulen snakkar spørje stad stadfeste stadfesting "
        "stundom synest tek tilgjenge treng trengst truleg trur tryggleik tydeleg tysdag umogleg utan vanleg vanlege "
        "vart veg vegen veit vera vere verkar vert verta verte vore vorte ynskje ynskjer åleine åtvaring òg"
    ).split()
)
BOKMAL: Final = frozenset(
    (
        "alene alltid avslått bare bekrefte bekreftelse ble blitt bruker brukeren brukernavn dere deres egen eget "
        "egne en enda ennå et fikk finner flere forespørsel fra funker følger gang gangen ganger gikk gjelder gjør "
        "gjøre glemt glemte hele helt hemmelig heter hjem hjemme hun hva hvem hver hvert hvilke hvilken hvilket hvis "
        "hvor hvordan hvorfor ifra ikke innloggingen jeg kommer ligger lørdag løsning mens mer midlertidig mistet mye "
        "noe noen nå også personlig sammen selv senere siden sier sikkerhet sitter skolen spørre stjålet tilgjengelig "
        "tirsdag trenger tror uten vanlig vanlige vei veien vet virker være vært åpne åpner ønsker"
    ).split()
)
NORWEGIAN: Final = frozenset(
    (
        "aldri alle alt andre appen av be ber blei blir bort borte bra bruk bruke bytte dag dagen deg den denne der "
        "dermed det dette din dine ditt du eller enn er etter feil ferdig fordi fredag få får fått før første gamle "
        "gir gjennom gjort god godkjenne godkjenning godt gå går hadde han har hei helg helga heller hente hjelp "
        "hjelpe hos iblant idag igår ingen inn inne innlogging ja jo jobb jobben kan kjøpt klar kode koden komme "
        "konto kontoen kunne kveld lang langt lenge likevel litt logg logge mandag med meg mellom men mi min mine "
        "mitt mobilen morgen mot må ned nede nei nettbrett nettbrettet nok nummer nummeret ny nye nytt når og om "
        "onsdag opp oppe oss passord passordet på pålogging registrere seg sette sin sine sist siste sitt skal skjer "
        "skjermen skulle slik slutt slå slått snart som stå står så sånn ta takk tar telefon telefonen telefonnummer "
        "til ting tofaktor torsdag totrinn trykk trykke ut var varsel ved vi vil ville vår våre vårt å"
    ).split()
)
"""Of both forms."""
ENGLISH: Final = frozenset(
    (
        "a about account after again also and another any anyone are aren't as back because been before being by can "
        "can't cannot code could couldn't day device did didn't do does doesn't don't down even ever every everyone "
        "from gave get give got had has have having he hello her hi his how i'd i'll i'm i've if im into is isn't it "
        "it's its just keep keeps logged lost made make may might month more morning most much must my need never new "
        "not nothing number of off on only onto or other our out password phone please said say screen set shall she "
        "should sign signed some someone something still stopped take tell than thank thanks that the their them then "
        "there they this time today told tomorrow too took up us use used using very want wanted wants was wasn't way "
        "we week were what when where which while who why will with won't work working works would year yes yesterday "
        "you your"
    ).split()
)
FAINT: Final = frozenset(["dag", "den", "dine", "god", "men", "min", "sin", "tofaktor"])
"""Words of ``NORWEGIAN`` that alone say nothing: names, and words that others have too, as in "5 min"."""

NYNORSK_ENDING: Final = re.compile(r"\w{3,}(?:ane|ingar|leg|heit|ar)|\w{4,}(?:ande|inga)")
"""Of plurals, verbs and adjectives: *kodane*, *meldingar*, *hemmeleg*, *blinkar*, *ståande*."""
NOT_NYNORSK: Final = frozenset(
    (
        "airplane altar ansvar appear avatar bazaar calendar cellular circular clear disappear dollar eksemplar "
        "familiar februar forsvar grammar guitar humane hurricane insane jaguar januar kommentar linear membrane "
        "methane modular nuclear particular pillar polar popular propane radar regular scholar seminar similar "
        "singular solar spear sugar svar unclear vikar vulgar webinar"
    ).split()
)
BOKMAL_ENDING: Final = re.compile(r"\w{3,}(?:ene|lig|lige|het|heten|inger|ingene)|\w{4,}ende")
"""Of the same in the other form: *kodene*, *hemmelig*, *meldinger*, *stående*."""
NOT_BOKMAL: Final = frozenset(
    "bringer convene finger hunger hygiene intervene obscene prophet ringer scene serene singer springer".split()
)
