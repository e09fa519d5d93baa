"""The web server around the bot: where it listens, and how it ends."""

import signal
import socket
from pathlib import Path

import httpx
import pytest

from bot.serve import CannotListen, listen
from bot.settings import Bind
from tests.faults.given import ask, played, ready


def test_it_listens_where_it_is_told() -> None:
    with listen(Bind("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        with socket.create_connection((host, port), timeout=5):
            pass


def test_a_taken_port_is_named_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            CannotListen, match=rf"^web\.bind 127\.0\.0\.1:{port} cannot be listened at .*port\.$"
        ):
            listen(Bind("127.0.0.1", port))


def test_an_address_of_somebody_else_is_named_too() -> None:
    with pytest.raises(CannotListen, match=r"^web\.bind 192\.0\.2\.1:8080 cannot be listened at"):
        listen(Bind("192.0.2.1", 8080))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_good_order(number: signal.Signals, tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        await ask(story, "Siobhán O'Brien")
        assert (await ready(story.stage)).headers.get("server") is None
        assert await story.stage.stop_bot(number) == 0
        said = story.stage.said()
        assert '"event": "stopped"' in said
        assert "Traceback" not in said
        assert "cut-short" not in said


async def test_every_answer_carries_the_headers_and_the_unknown_is_404(tmp_path: Path) -> None:
    async with (
        played(tmp_path) as story,
        httpx.AsyncClient(base_url=story.stage.bot_url, trust_env=False, timeout=30) as client,
    ):
        for path, status in (("/healthz", 200), ("/readyz", 200), ("/case", 200), ("/metrics", 404)):
            answer = await client.get(path)
            assert answer.status_code == status
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert "date" not in answer.headers
