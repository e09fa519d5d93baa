"""Whether the process lives, and whether it should get work."""

from tests.bot.web.conftest import Site
from tests.handlers.store.given import run


async def test_health(site: Site) -> None:
    assert (await site.client.get("/healthz")).status_code == 200
    ready = await site.client.get("/readyz")
    assert (ready.status_code, ready.text) == (200, "ready\n")


async def test_what_is_missing_is_told(site: Site) -> None:
    site.missing.append("slack: not connected")
    site.health.draining = True
    await run(site.rig.database, "DELETE FROM alembic_version")
    ready = await site.client.get("/readyz")
    assert ready.status_code == 503
    first, store, last = ready.text.splitlines()
    assert (first, last) == ("slack: not connected", "draining")
    assert store.startswith("storage: The database is older")
    assert (await site.client.get("/healthz")).status_code == 200
