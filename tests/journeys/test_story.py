"""The whole story, from the first question to the last reminder: what each person saw, in order."""

import re
from pathlib import Path
from typing import Final

import pytest

from bot.sandbox.chats import SLACK, TEAMS, Messenger, Seen
from bot.sandbox.play import tell_story
from bot.sandbox.stage import stage
from bot.sandbox.story import Story
from bot.settings import SlackMode
from handlers.store.database import Database
from tests.faults.given import OWNER, approved, played
from tests.handlers.store.given import dump
from tests.sweeping import holds

_EN: Final = (
    "14 days until two-factor",
    "7 days until two-factor",
    "3 days until two-factor",
    "Two-factor sign-in starts today",
)
_NB: Final = (
    "14 dager til tofaktor",
    "7 dager til tofaktor",
    "3 dager til tofaktor",
    "Tofaktor starter i dag",
)
_NN: Final = (
    "14 dagar til tofaktor",
    "7 dagar til tofaktor",
    "3 dagar til tofaktor",
    "Tofaktor startar i dag",
)
_DONE: Final = (
    "Om kontoen din\nVi har sett at det er deg",
    "Om kontoen din\nDet midlertidige tilgangspasset ditt er godkjent",
    "Om kontoen din\nEt midlertidig tilgangspass til kontoen din er vist",
    "Om kontoen din\n*Du er inne:",
    "Den gamle telefonen",
    "Om kontoen din\n*Ferdig:*",
)
_DONE_NN: Final = (
    "Om kontoen din\nVi har sett at det er deg",
    "Om kontoen din\nDet mellombelse tilgangspasset ditt er godkjent",
    "Om kontoen din\nEit mellombels tilgangspass til kontoen din er vist",
    "Om kontoen din\n*Du er inne:",
    "Den gamle telefonen",
    "Om kontoen din\n*Ferdig:*",
)
_DONE_EN: Final = (
    "About your account\nWe have seen that it is you",
    "About your account\nYour temporary access pass is approved",
    "About your account\nA temporary access pass for your account has been shown",
    "About your account\n*You are in:",
    "The old phone",
    "About your account\n*Done:*",
)
SEEN: Final[dict[str, tuple[str, ...]]] = {
    "Gro Eikeland": _DONE_NN,
    "Kari Bråten": ("Sett opp tofaktor, steg for steg", *_NB),
    "Leif Åsen": ("Mista, øydelagd eller gløymd telefon",),
    "Siobhán O'Brien": ("Use a temporary access pass", *_EN),
    "Priya Nair": ("I have no good answer to that", *_EN),
    "Mehmet Yılmaz": (
        "Lost, broken or forgotten phone",
        "Prove that it is you",
        "Prove that it is you",
        *_DONE_EN,
    ),
    "Máret Utsi": ("Det var du som møtte den saken gjelder, så en kollega må avgjøre den.",),
    "Bjørn Sætre": (
        "Om kontoen din\nNoen har bedt om et midlertidig tilgangspass",
        *_DONE,
    ),
    "Aisha Rahman": ("Thanks\nIf *bjorn.satre@", "Thanks\nIf *bjorn.satre.nobody@"),
    "Ole Ánte Sara": _DONE,
    "Chloé Dubois": _DONE,
    "Ingrid Solbakken": ("Ett steg til for å godkjenne",) * 3,
    "Tomasz Nowak": ("One more step to approve",),
    "Håkon Øvrebø": ("Berre godkjennarar kan avgjere dette",),
    "Elle Márjá Gaup": _NB,
    "Torunn Bø": _NN,
    "Pål Grønvold": _NB,
    "Nora Lindqvist": _NB,
    "Sunniva Østby": _NN,
}
"""How each message begins that the bot showed to somebody alone; whoever is not here saw none."""
SEEN_IN_TEAMS: Final[dict[str, tuple[str, ...]]] = {
    "Pål Grønvold": ("Sett opp tofaktor, steg for steg",),
    "Torunn Bø": ("Mista, øydelagd eller gløymd telefon",),
    "Dmytro Shevchuk": ("Use a temporary access pass",),
    "Mehmet Yılmaz": _DONE_EN,
    "Ingrid Solbakken": (
        "Ett steg til for å godkjenne",
        "Jeg har skrevet til deg i den private chatten vår.",
    ),
    "Gro Eikeland": (
        "Mista, øydelagd eller gløymd telefon",
        "Vis at det er deg",
        *_DONE_NN,
        *("Motteke.",) * 3,
    ),
    "Ole Ánte Sara": _DONE,
    "Bjørn Sætre": SEEN["Bjørn Sætre"],
    "Gunnhild Myhre": (*_DONE_NN[:4], _DONE_NN[5]),
}
"""The same in Teams, where a press of one's own is answered too. Whoever is known in both is told in both."""
CARD: Final = (
    "Ber om et midlertidig tilgangspass",
    "Godkjent. {name} kan nå vise passet",
    "Passet er vist til {name}",
    "Passet er brukt",
    "Ferdig: {name} har en ny innloggingsmetode",
)
"""What a card in the support channel said, one version after the other."""
WEAK: Final = (
    "Ingen trenger å bestemme noe ennå",
    "0 av 2 godkjenninger",
    "1 av 2 godkjenninger",
    *("Godkjent. {name} kan vise passet fra",) * 2,
    *CARD[2:],
)
"""The same where two weaker proofs want two approvers and a wait."""
_NAMED: Final = re.compile(r"\A(?:Sak|Case) [0-9A-Z-]+\n")
"""The case that a private no is about, above its words."""
CASES: Final = (
    ("ID-porten, høyeste nivå", "Mehmet Yılmaz"),
    ("ID-porten, høyeste nivå", "Gro Eikeland"),
    ("møtt i skranken med legitimasjon av Máret Utsi", "Ole Ánte Sara"),
    ("ID-porten, høyeste nivå", "Gunnhild Myhre"),
    ("ID-porten, høyeste nivå", "Bjørn Sætre"),
    ("sett direkte på video av Jonas Lien", "Chloé Dubois"),
)
"""What each card says of the proof, and whose case it is."""


def _seen(story: Story, chat: Messenger) -> dict[str, tuple[str, ...]]:
    """In the private chats, and aside; of what comes in both ways once."""
    seen = {}
    for who in story.stage.world.residents:
        if chat.has(who):
            shown = dict.fromkeys((*chat.messages(who), *chat.asides(who)))
            seen[who.name] = tuple(message.shown for message in shown)
    return {name: messages for name, messages in seen.items() if messages}


def _as_expected(story: Story) -> None:
    for platform, expected in ((SLACK, SEEN), (TEAMS, SEEN_IN_TEAMS)):
        seen = _seen(story, story.chats[platform])
        assert set(seen) == set(expected)
        for name, beginnings in expected.items():
            assert len(seen[name]) == len(beginnings), (platform, name)
            for message, beginning in zip(seen[name], beginnings, strict=True):
                assert _NAMED.sub("", message.replace("*", "")).startswith(beginning.replace("*", "")), name
    for chat in story.chats.values():
        _cards_as_expected(chat.support())
    assert len(story.stage.entra.passes_created) == len(CASES)
    assert not story.stage.slack.complaints
    assert not story.stage.teams.complaints
    assert not story.stage.teams.malformed


def _cards_as_expected(cards: list[Seen]) -> None:
    for card, (proof, name) in zip(cards, CASES, strict=True):
        versions = [*card.earlier, card.shown]
        said = WEAK if "video" in proof else CARD
        expected = [words.format(name=name) for words in dict.fromkeys(said)]
        assert all(proof in version for version in versions)
        # Two changes at once may come as one; what the card says comes in order, and nothing else does.
        told = [next((words for words in expected if words in version), "") for version in versions]
        assert list(dict.fromkeys(told)) == expected


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", [SlackMode.HTTP, pytest.param(SlackMode.SOCKET, marks=pytest.mark.slow)])
async def test_everybody_sees_their_part_of_the_story(mode: SlackMode, tmp_path: Path) -> None:
    async with stage(tmp_path, mode=mode) as playing:
        await playing.start_bot()
        _as_expected(await tell_story(playing))
        assert {each.over for each in playing.slack.deliveries} == {str(mode)}


@pytest.mark.postgres
async def test_a_case_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    async with played(tmp_path, storage_url=postgres_url) as story:
        _, browser = await approved(story)
        await story.show(OWNER, browser)
        await story.case_is("Passet er vist")
        story.nothing_leaked()
        database = Database.open(postgres_url)
        held = await dump(database)
        await database.close()
        assert OWNER in held
        assert not holds(held, [story.pass_shown])
        assert not (tmp_path / "tofaktor.db").exists()


@pytest.mark.slow
@pytest.mark.postgres
async def test_the_story_is_the_same_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    async with stage(tmp_path, storage_url=postgres_url) as playing:
        await playing.start_bot()
        _as_expected(await tell_story(playing))
        assert not (tmp_path / "tofaktor.db").exists()
