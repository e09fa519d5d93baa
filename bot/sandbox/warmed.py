"""Importing this does what every start does, whatever the settings: for the process that starts are forks of."""

import gc
from datetime import UTC

import bot.serve  # noqa: F401 – it is a good part of the work
from bot.guide import TEMPLATES, matcher_of
from bot.render.words import Words
from bot.settings.sections import Links, Organisation
from handlers.messages import Language

matcher_of(TEMPLATES)
Words(
    TEMPLATES,
    {language: Organisation().said_in(language) for language in Language},
    dict(Links()),
    own_telecom=False,
    zone=UTC,
)
# The forks share what stands here for as long as nobody writes to it; the collector would.
gc.freeze()
