"""Text that would be more than text if it could, and messages full of it: for the tests of every renderer."""

import dataclasses

from hypothesis import strategies as st

from bot.render.message import Button, Fact, Message, Paragraph, Points, Span
from handlers.messages import Data, Look, all_messages

EXAMPLES = [example for message in all_messages() for example in message.examples()]
NASTY = (
    "<!channel>",
    "<@U12345678>",
    "<!subteam^S12345678>",
    "<https://evil.example|Approve>",
    "[x](javascript:alert(1))",
    "[x](https://evil.example)",
    "https://evil.example",
    "*bold* _slanted_ ~gone~ `code` ```block```",
    ":white_check_mark: verified",
    "\u202egnp.exe\u202c\u200b",
    "line\r\nline\n# heading\n- point\n1. point\n> said",
    "&lt;!here&gt; & <b>",
    "👩‍👩‍👧‍👦" * 500,
    "a" * 10_000,
    "& < > " * 2_000,
    "ord " * 2_500,
    "\x00\x1b[31m",
    "**`",
    "<at>Approver</at> {{DATE(2027-01-18, SHORT)}} {{{TIME(2027-01-18T10:15:00Z)}}} ${record}",
    "_a_ __b__ ~~c~~ \\*d\\* \\[e\\](https://evil.example) &lt;b&gt; &amp;#42; !",
    "24. november",
    "1) x",
    "---",
    "![x](https://evil.example/x.png)",
)
nasty = st.integers(0, len(NASTY) - 1).map(lambda number: NASTY[number])
hostile = st.one_of(nasty, st.text(max_size=60), st.lists(nasty, min_size=1, max_size=4).map("".join))


def with_hostile_text(example: Data, text: str) -> Data:
    """The example with every free text in it replaced."""
    chosen = {
        "state",
        "reason",
        "kind",
        "missing",
        "problem",
        "ticket_problem",
        "colleague_problem",
        "refusal",
        "topic",
        "marked",
        "url",
        "recovery_url",
    }
    changed = {
        field.name: text
        for field in dataclasses.fields(example)
        if type(getattr(example, field.name)) is str and field.name not in chosen
    }
    return dataclasses.replace(example, **changed)


texts = st.one_of(hostile, st.just(""))
spans = st.builds(Span, text=hostile, bold=st.booleans(), code=st.booleans(), url=st.none())
lines = st.lists(spans, min_size=1, max_size=4).map(tuple)
paragraphs = st.builds(Paragraph, line=lines)
points = st.builds(
    Points, items=st.lists(lines, min_size=1, max_size=8).map(tuple), ordered=st.booleans(), start=st.just(1)
)
messages = st.builds(
    Message,
    title=hostile.filter(str.strip),
    body=st.lists(st.one_of(paragraphs, points), max_size=12).map(tuple),
    facts=st.lists(st.builds(Fact, label=hostile, value=texts), max_size=20).map(tuple),
    actions=st.lists(
        st.builds(
            Button,
            name=st.sampled_from(["questions.topic", "cases.stop"]),
            record=texts,
            label=hostile.filter(str.strip),
            look=st.sampled_from(Look),
        ),
        max_size=40,
    ).map(tuple),
)


MOST = Message(
    title="a" * 10_000,
    body=(Points(tuple((Span("ord " * 2_500),) for _ in range(8)), ordered=True),) * 12,
    facts=(Fact("& < > " * 2_000, "**`" * 3_000),) * 20,
    actions=tuple(
        Button("questions.topic", str(number), "👩‍👩‍👧‍👦" * 500, look=Look.PRIMARY) for number in range(40)
    ),
)
"""Too much of everything at once."""
