"""The JSON that Slack hands out: users, channels, messages, views, events, interactions.

Shapes: https://docs.slack.dev/reference/objects, /reference/events and /reference/interaction-payloads.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.sandbox.slack.records import Channel, Control, Json, Message, SlackUser, View
from bot.sandbox.slack.workspace import Workspace


def user_object(workspace: Workspace, user: SlackUser, *, email: bool, locale: bool) -> Json:
    """A user as ``users.info`` gives it. A stranger has no address and nearly no profile."""
    now = workspace.clock.now()
    offset = now.astimezone(ZoneInfo(user.tz)).utcoffset() or timedelta()
    profile: Json = {
        "real_name": user.name,
        "display_name": user.name,
        "real_name_normalized": user.name,
        "display_name_normalized": user.name,
        "team": workspace.team_of(user),
    }
    if email and user.email and not user.is_bot and not user.is_stranger:
        profile["email"] = user.email
    found: Json = {
        "id": user.id,
        "team_id": workspace.team_of(user),
        "name": user.name.lower().replace(" ", "."),
        "deleted": user.deleted,
        "real_name": user.name,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": int(now.timestamp()),
    }
    if user.deleted:
        return found
    found |= {
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()),
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted or user.is_ultra_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_email_confirmed": user.email_confirmed,
    }
    if locale:
        found["locale"] = user.locale
    if not workspace.is_ours(user):
        found["is_stranger"] = user.is_stranger
    if workspace.installation.enterprise_id:
        found["enterprise_user"] = {
            "id": user.id,
            "enterprise_id": workspace.installation.enterprise_id,
            "teams": [workspace.team_of(user)],
        }
    return found


def channel_object(workspace: Workspace, channel: Channel) -> Json:
    """A conversation as ``conversations.info`` gives it."""
    if channel.with_user is not None:
        return {
            "id": channel.id,
            "created": 1,
            "is_im": True,
            "is_org_shared": False,
            "user": channel.with_user,
            "is_open": True,
            "priority": 0,
        }
    teams = {
        workspace.team_of(workspace.users[each]) for each in channel.members if each in workspace.users
    } | {workspace.installation.team_id}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": 1,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_general": channel.name == "general",
        "is_member": workspace.installation.bot_user_id in channel.members,
        "is_shared": channel.ext_shared,
        "is_ext_shared": channel.ext_shared,
        "is_org_shared": False,
        "shared_team_ids": sorted(teams),
        "context_team_id": workspace.installation.team_id,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def message_object(workspace: Workspace, message: Message) -> Json:
    """A message as it appears in answers and in interactions."""
    app = workspace.installation
    user = workspace.users.get(message.user)
    found: Json = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": workspace.team_of(user) if user else app.team_id,
        "blocks": list(message.blocks),
    }
    if message.by_bot:
        found |= {
            "bot_id": app.bot_id,
            "app_id": app.app_id,
            "bot_profile": {
                "id": app.bot_id,
                "app_id": app.app_id,
                "name": app.bot_name,
                "deleted": False,
                "team_id": app.team_id,
            },
        }
    elif user is not None and user.is_bot:
        found["bot_id"] = f"B{user.id[1:]}"
    if message.thread_ts:
        found["thread_ts"] = message.thread_ts
        parent = workspace.find(message.channel, message.thread_ts)
        if parent is not None and parent.ts != message.ts:
            found["parent_user_id"] = parent.user
    if message.earlier:
        found["edited"] = {"user": message.user, "ts": f"{int(message.earlier[-1].until.timestamp())}.000000"}
    if message.metadata is not None:
        found["metadata"] = message.metadata
    return found


def view_object(workspace: Workspace, view: View) -> Json:
    """A view as it appears in answers and in interactions."""
    app = workspace.installation

    def words(text: str | None) -> Json | None:
        return None if text is None else {"type": "plain_text", "text": text, "emoji": True}

    return {
        "id": view.id,
        "team_id": app.team_id,
        "type": view.type,
        "blocks": list(view.blocks),
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": view.state},
        "hash": view.hash,
        "title": words(view.title or "View"),
        "clear_on_close": view.clear_on_close,
        "notify_on_close": view.notify_on_close,
        "close": words(view.close),
        "submit": words(view.submit),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": app.app_id,
        "external_id": view.external_id,
        "app_installed_team_id": app.team_id,
        "bot_id": app.bot_id,
    }


def event(workspace: Workspace, inner: Json, *, ext_shared: bool = False) -> Json:
    """The envelope of an event."""
    app = workspace.installation
    return {
        "token": app.verification_token,
        "team_id": app.team_id,
        **({"enterprise_id": app.enterprise_id} if app.enterprise_id else {}),
        "context_team_id": app.team_id,
        "context_enterprise_id": app.enterprise_id,
        "api_app_id": app.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.clock.now().timestamp()),
        "authorizations": [
            {
                "enterprise_id": app.enterprise_id,
                "team_id": app.team_id,
                "user_id": app.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": ext_shared,
        "event_context": workspace.new_id("4-"),
    }


def message_event(workspace: Workspace, channel: Channel, message: Message, kind: str = "message") -> Json:
    """The inner event of a new message, or of a mention."""
    inner = message_object(workspace, message) | {
        "type": kind,
        "channel": channel.id,
        "event_ts": message.ts,
    }
    if kind == "message":
        inner["channel_type"] = {"im": "im", "groups": "group", "channels": "channel"}[channel.scope_family]
    if channel.ext_shared:
        inner |= {
            "user_team": inner["team"],
            "source_team": inner["team"],
            "user_profile": {"team": inner["team"]},
        }
    if not message.by_bot:
        inner["client_msg_id"] = f"{message.channel}-{message.ts}"
    return inner


def change_event(workspace: Workspace, channel: Channel, message: Message) -> Json:
    """The inner event of a changed or deleted message."""
    now = workspace.new_ts()
    inner = {
        "type": "message",
        "channel": channel.id,
        "channel_type": message_event(workspace, channel, message)["channel_type"],
        "hidden": True,
        "ts": now,
        "event_ts": now,
    }
    if message.deleted:
        return inner | {"subtype": "message_deleted", "deleted_ts": message.ts}
    before = message.earlier[-1]
    current = message_object(workspace, message)
    return inner | {
        "subtype": "message_changed",
        "message": current,
        "previous_message": current | {"text": before.text, "blocks": list(before.blocks)},
    }


def interaction(workspace: Workspace, kind: str, user: SlackUser, trigger: str | None) -> Json:
    """What every interaction starts with."""
    app = workspace.installation
    enterprise = {"id": app.enterprise_id, "name": app.team_domain} if app.enterprise_id else None
    return {
        "type": kind,
        "team": {"id": app.team_id, "domain": app.team_domain},
        "user": {
            "id": user.id,
            "username": user.name.lower().replace(" ", "."),
            "name": user.name.lower().replace(" ", "."),
            "team_id": workspace.team_of(user),
        },
        "api_app_id": app.app_id,
        "token": app.verification_token,
        **({"trigger_id": trigger} if trigger else {}),
        "enterprise": enterprise,
        "is_enterprise_install": False,
    }


def action(control: Control, at: datetime, option: Json | None) -> Json:
    """One pressed button or chosen option."""
    found: Json = {
        "action_id": control.action_id,
        "block_id": control.block_id,
        "type": control.type,
        "action_ts": f"{at.timestamp():.6f}",
    }
    for key in ("text", "value", "style", "placeholder"):
        if key in control.element:
            found[key] = control.element[key]
    if option is not None:
        found["selected_option"] = option
    return found


def command(
    workspace: Workspace, user: SlackUser, channel: Channel, name: str, text: str, extra: Mapping[str, str]
) -> dict[str, str]:
    """A slash command as plain form fields."""
    app = workspace.installation
    enterprise = (
        {"enterprise_id": app.enterprise_id, "enterprise_name": app.team_domain} if app.enterprise_id else {}
    )
    return {
        "token": app.verification_token,
        "team_id": app.team_id,
        "team_domain": app.team_domain,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user.id,
        "user_name": user.name.lower().replace(" ", "."),
        "command": name,
        "text": text,
        "api_app_id": app.app_id,
        "is_enterprise_install": "false",
        **enterprise,
        **extra,
    }
