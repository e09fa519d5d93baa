"""The bot's settings on the stage, and its entries with Entra and the eID provider."""

import base64
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from ruamel.yaml import YAML

from bot.sandbox.cast import supporters
from bot.sandbox.eid import Level, Registration
from bot.sandbox.world import AGENTS, APPROVERS, RECTORATE, SECURITY
from bot.signin.client import CALLBACK

if TYPE_CHECKING:
    from bot.sandbox.stage import Stage

AUTH_CONTEXT: Final = "c1"
"""What approving demands of a sign-in."""
EID: Final = "idporten"
"""The provider of eID, by its name in the settings."""
SECURITY_MAIL: Final = "security@fjordheim.example"
"""Where security is woken."""
_EID_CLIENT: Final = "tofaktor-sandbox"


def kept_key(file: Path) -> str:
    """A key of this stage, the same after a restart."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(base64.b64encode(secrets.token_bytes(32)).decode(), encoding="ascii")
    return file.read_text(encoding="ascii")


def kept_pem(file: Path) -> str:
    """The bot's own key at the eID provider, the same after a restart."""
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        file.touch(mode=0o600)
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file.read_text(encoding="ascii")


def _provider(playing: "Stage") -> dict[str, object]:
    """The bot is entered at the provider, and the provider in the bot's settings."""
    home = playing.bot_url
    playing.eid.register(
        Registration(
            _EID_CLIENT,
            frozenset({f"{home}/eid/{EID}/callback"}),
            jwks_uri=f"{home}/eid/jwks.json",
            after_logout=frozenset({f"{home}/case"}),
            logout_uri=f"{home}/eid/{EID}/logout",
        )
    )
    return {
        "name": EID,
        "label": "ID-porten",
        "issuer": playing.eid.issuer,
        "client_id": _EID_CLIENT,
        "acr_values": [str(Level.SUBSTANTIAL)],
        "accept_acr": {str(Level.SUBSTANTIAL): 3, str(Level.HIGH): 4},
        "number_source": "graph:onPremisesExtensionAttributes/extensionAttribute1",
    }


def _sign_in(playing: "Stage") -> dict[str, object]:
    """The bot's page is entered at Entra, and the registration in the bot's settings."""
    registration = playing.entra.sign_ins.registration
    registration.redirect_uris.add(f"{playing.bot_url}{CALLBACK}")
    return {"client_id": registration.client_id, "auth_context": AUTH_CONTEXT}


def _teams(playing: "Stage") -> dict[str, object]:
    """The bot's registration in Teams, and the addresses of the emulated Bot service."""
    teams = playing.teams
    return {
        "mode": str(playing.teams_mode),
        "app_id": teams.app.id,
        "tenant_ids": [teams.app.tenant_id],
        "support_channel": teams.support_channel,
        "login_url": playing.entra.authority_url,
        "openid_url": teams.openid_url,
        "service_urls": [teams.service_url],
    }


def write_settings(playing: "Stage") -> None:
    """The bot's ``app.yaml``, with every address that of an emulator."""
    world, entra, slack = playing.world, playing.entra, playing.slack
    tree: dict[str, object] = {
        "slack": {
            "mode": str(playing.mode),
            "api_url": slack.api_url,
            "workspace_ids": [world.slack_workspace],
            "support_channel": slack.support_channel,
            "help_channels": [playing.help_channel],
        },
        "teams": _teams(playing),
        "support": {"relay": True, "webhook": playing.gateway.tickets_url},
        "entra": {
            "tenant_id": entra.tenant_id,
            "client_id": entra.client_id,
            "authority_url": entra.authority_url,
            "graph_url": entra.graph_url,
        },
        "http": {"ca_file": str(entra.ca_file)},
        "signin": _sign_in(playing),
        "approval": {"group": world.group(APPROVERS).object_id},
        "security": {
            "group": world.group(SECURITY).object_id,
            "mail": SECURITY_MAIL,
            "webhook": playing.gateway.hook_url,
        },
        "eid": {"providers": [_provider(playing)]},
        "verification": {
            "agents_group": world.group(AGENTS).object_id,
            "class_b_groups": [world.group(RECTORATE).object_id],
            "class_c_groups": [world.group(SECURITY).object_id],
            "contact_source": f"url:{playing.gateway.contacts_url}",
        },
        "sms": {"url": playing.gateway.sms_url},
        "mail": {"sender": supporters(world)[0].upn},
        "storage": {"url": playing.storage_url},
        "web": {"public_url": playing.bot_url},
        "rollout": {"quiet_days": ["2027-12-24", "2027-12-31"]},
        "organisation": {
            "name": world.name,
            "service_desk": {"en": "IT Service Desk", "nb": "IT-brukerstøtte", "nn": "IT-brukarstøtte"},
            "service_desk_phone": "+47 55 00 00 00",
            "service_desk_hours": {
                "en": "weekdays 8 am to 4 pm",
                "nb": "hverdager 8–16",
                "nn": "kvardagar 8–16",
            },
        },
        "links": {
            "setup": "https://aka.ms/mfasetup",
            "security_info": "https://aka.ms/mysecurityinfo",
            "sign_in": "https://login.microsoftonline.com",
        },
    }
    with playing.config.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(tree, file)
