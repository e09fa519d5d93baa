"""What there is to read outside chat: the front door's first page, the app, all answers, and set-up step by step.

GET only, and nothing about anybody: what is typed at the front door is for ``bot.web.door``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.render.html import Open, Pages, Way
from bot.render.message import Message
from bot.render.words import Words
from bot.web.answering import spoken
from bot.web.guard import policy
from handlers.messages import (
    Answer,
    AnswersPage,
    AppPage,
    Data,
    HelpPage,
    Language,
    Problem,
    SetupStep,
    SetupStuck,
)
from handlers.questions.topics import Topic
from handlers.setup.steps import STEPS, At, Device, Guide, Step

READ: Final = Guide.SETUP
"""The guide that is there to be read."""
_STEPS: Final = tuple(step for step in STEPS[READ] if step not in (Step.DEVICE, Step.DONE))


@dataclass(frozen=True)
class HelpWeb:
    """The routes below ``/help``: the same for everybody, in the language that the address or the browser names."""

    pages: Pages
    words: Words
    public_url: str
    fallback: Language

    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/help", self.help, methods=["GET"]),
            Route("/help/app", self.app, methods=["GET"]),
            Route("/help/answers", self.answers, methods=["GET"]),
            Route("/help/answers/{topic}", self.answer, methods=["GET"]),
            Route("/help/setup", self.devices, methods=["GET"]),
            Route("/help/setup/{device}/{step}", self.step, methods=["GET"]),
        ]

    async def help(self, request: Request) -> Response:
        """How to set two-factor up, whom to ask, and where to type one's address."""
        return self.page(request, HelpPage(), self.language(request))

    async def app(self, request: Request) -> Response:
        """Codes that open the app in its store."""
        return self.page(request, AppPage(), self.language(request))

    async def answers(self, request: Request) -> Response:
        """Everything there is an answer to."""
        language = self.language(request)
        topics = [topic for topic in self.words.topics() if topic != Topic.ABUSE]
        ways = [Way(self.words.topic_title(topic, language), f"/help/answers/{topic}") for topic in topics]
        by_title = sorted(ways, key=lambda way: way.label.casefold())
        return self._read(request, language, self.words.message(AnswersPage(), language), by_title)

    async def answer(self, request: Request) -> Response:
        """One answer."""
        topic = request.path_params["topic"]
        if topic not in self.words.topics():
            return self._nothing(request)
        language = self.language(request)
        ways = (
            Way(self._title(AnswersPage(), language), "/help/answers"),
            Way(self._title(HelpPage(), language), "/help"),
        )
        return self._read(request, language, self.words.message(Answer(topic), language), ways)

    async def devices(self, request: Request) -> Response:
        """Which phone is it?"""
        language = self.language(request)
        message = self._step(Step.DEVICE, None, language)
        ways = [
            Way(button.label, f"/help/setup/{device}/{_STEPS[0]}")
            for device in Device
            for button in message.actions
            if button.name == f"setup.{device}"
        ]
        return self._read(request, language, message, ways)

    async def step(self, request: Request) -> Response:
        """One step, with what helps when it does not work, and the ways on and back."""
        device, step = request.path_params["device"], request.path_params["step"]
        if device not in set(Device) or step not in _STEPS:
            return self._nothing(request)
        here, language = Device(device), self.language(request)
        message = self._step(Step(step), here, language)
        stuck = self.words.message(SetupStuck("", READ, Step(step), here, reading=True), language)
        ways = self._around(message, here, _STEPS.index(Step(step)), language)
        return self._read(request, language, replace(message, details=stuck.body), ways, more=stuck.title)

    def language(self, request: Request) -> Language:
        """What the address or the browser names."""
        return spoken(request) or self.fallback

    def page(
        self, request: Request, data: Data, language: Language, *, status: int = 200, forms_to: str = ""
    ) -> HTMLResponse:
        """A page for everybody, whose form goes to the front door."""
        public = Open(self.public_url, request.url.path)
        more = self.words.topic_title(Topic.SETUP, language)
        html = self.pages.show(data, language, public=public, target="/help", more=more)
        page = _page(html, language, status)
        if forms_to:
            page.headers["Content-Security-Policy"] = policy(forms_to)
        return page

    def _step(self, step: Step, device: Device | None, language: Language) -> Message:
        at = replace(SetupStep.of("", At(READ, step, device=device)), reading=True)
        return self.words.message(at, language)

    def _around(self, message: Message, device: Device, place: int, language: Language) -> Sequence[Way]:
        labels = {button.name: button.label for button in message.actions}
        before = f"/help/setup/{device}/{_STEPS[place - 1]}" if place else "/help/setup"
        back = Way(labels["setup.back"], before)
        if place + 1 == len(_STEPS):
            return back, Way(self._title(HelpPage(), language), "/help")
        return Way(labels["setup.next"], f"/help/setup/{device}/{_STEPS[place + 1]}"), back

    def _title(self, data: Data, language: Language) -> str:
        return self.words.message(data, language).title

    def _nothing(self, request: Request) -> Response:
        return self.page(request, Problem("not-found"), self.language(request), status=404)

    def _read(
        self, request: Request, language: Language, message: Message, ways: Sequence[Way], more: str = ""
    ) -> HTMLResponse:
        public = Open(self.public_url, request.url.path)
        return _page(self.pages.read(message, language, public, ways, more), language)


def _page(html: str, language: Language, status: int = 200) -> HTMLResponse:
    headers = {"Content-Language": language.value, "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(html, status_code=status, headers=headers)
