"""Mail by way of Graph: what it is sent, what it refuses, and that nothing of it is told."""

import pytest

from graph.errors import BadRequest, Forbidden, NotFound, OutcomeUnknown
from graph.mail import Mails
from graph.secret import Secret
from tests.graph.rig import Rig

TO = Secret("canary@privat.example")


@pytest.fixture
def mails(rig: Rig) -> Mails:
    return Mails(rig.client)


async def test_a_mail_goes_out_once(rig: Rig, mails: Mails) -> None:
    sender = rig.who("Kari Bråten")
    await mails.send(sender.upn, TO, "Koden din", "canary-text\n\næøå")

    [sent] = rig.entra.post.sent
    assert (sent.sender, sent.to, sent.subject) == (sender.mail, TO.reveal(), "Koden din")
    assert sent.text == "canary-text\n\næøå"


async def test_it_needs_its_permission(rig: Rig, mails: Mails) -> None:
    rig.entra.faults.missing.add("Mail.Send")

    with pytest.raises(Forbidden) as caught:
        await mails.send(rig.who("Kari Bråten").object_id, TO, "s", "t")

    assert caught.value.permission == "Mail.Send"
    assert rig.entra.post.sent == []


@pytest.mark.parametrize(
    ("sender", "to", "error"),
    [
        ("nobody@fjordheim.example", TO, NotFound),
        ("", Secret("no address"), BadRequest),
    ],
)
async def test_what_graph_refuses(
    rig: Rig, mails: Mails, sender: str, to: Secret, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        await mails.send(sender or rig.who("Kari Bråten").upn, to, "canary-subject", "canary-text")

    assert "canary" not in f"{caught.value!r}{caught.value}"
    assert rig.entra.post.sent == []


async def test_a_lost_answer_is_no_second_mail(rig: Rig, mails: Mails) -> None:
    rig.entra.faults.lose_answer("POST /users/*/sendMail")

    with pytest.raises(OutcomeUnknown):
        await mails.send(rig.who("Kari Bråten").upn, TO, "s", "t")

    assert len(rig.entra.post.sent) == 1
