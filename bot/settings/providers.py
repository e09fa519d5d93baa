"""The entries of ``eid.providers``: a list in the file, with secrets that come from elsewhere."""

from pathlib import Path

from bot.settings import names
from bot.settings.eid import Eid
from bot.settings.sources import SettingsError, Tree, merged

_FILE = "file:"


def with_secrets(tree: Tree) -> Tree:
    """The tree with each provider's secrets in its entry. ``SettingsError`` for a provider that is not there."""
    secrets = tree.get(names.PROVIDER_SECRETS)
    rest = {key: value for key, value in tree.items() if key != names.PROVIDER_SECRETS}
    eid = rest.get("eid")
    entries = eid.get("providers") if isinstance(eid, dict) else None
    if not isinstance(secrets, dict):
        return rest
    left = dict(secrets)
    filled: list[object] = []
    for entry in entries if isinstance(entries, list) else []:
        known = isinstance(entry, dict) and left.pop(str(entry.get("name", "")).replace("-", "_"), None)
        filled.append(merged(entry, known) if isinstance(entry, dict) and isinstance(known, dict) else entry)
    if left:
        raise SettingsError(
            f"{names.PROVIDER_PREFIX}{min(left).upper()}__… is for a provider that eid.providers does not name."
        )
    return merged(rest, {"eid": {"providers": filled}})


def anchored(eid: Eid, folder: Path) -> Eid:
    """Relative file names count from the folder of the settings file."""
    return eid.model_copy(
        update={
            "providers": tuple(
                provider.model_copy(
                    update={"number_source": f"{_FILE}{folder / provider.number_source.removeprefix(_FILE)}"}
                )
                if provider.number_source.startswith(_FILE)
                else provider
                for provider in eid.providers
            )
        }
    )
