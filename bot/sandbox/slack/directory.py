"""``users.*`` and ``conversations.*``: who is here, and where one can talk."""

import base64
from typing import TypeVar

from bot.sandbox.slack.args import Args
from bot.sandbox.slack.payloads import channel_object, message_object, user_object
from bot.sandbox.slack.records import Channel, Json, SlackUser
from bot.sandbox.slack.workspace import Refusal, Workspace

T = TypeVar("T")

_PAGE_MOST = 1000
_SLACKBOT = SlackUser(id="USLACKBOT", name="Slackbot")
"""In every workspace, and not a bot by its own account."""


def users_info(workspace: Workspace, args: Args) -> Json:
    """One person."""
    name = args.required("user")
    user = _SLACKBOT if name == _SLACKBOT.id else workspace.users.get(name)
    if user is None:
        raise Refusal("user_not_found")
    return {"user": _object(workspace, user, args)}


def lookup_by_email(workspace: Workspace, args: Args) -> Json:
    """The active person of our own workspace with this address."""
    email = args.required("email").lower()
    for user in workspace.users.values():
        if (
            (user.email or "").lower() == email
            and workspace.is_ours(user)
            and not user.deleted
            and not user.is_bot
        ):
            return {"user": user_object(workspace, user, email=True, locale=False)}
    raise Refusal("users_not_found")


def users_list(workspace: Workspace, args: Args) -> Json:
    """Everybody in the workspace, the deactivated, the bots and Slackbot included, in pages."""
    everybody = [_SLACKBOT, *(user for user in workspace.users.values() if workspace.is_ours(user))]
    page, cursor = _page(everybody, args, default=_PAGE_MOST)
    return {
        "members": [_object(workspace, user, args) for user in page],
        "cache_ts": int(workspace.clock.now().timestamp()),
        "response_metadata": {"next_cursor": cursor},
    }


def conversations_open(workspace: Workspace, args: Args) -> Json:
    """Open the conversation with one person, or find it."""
    if (name := args.text("channel")) is not None:
        channel = _channel(workspace, name, "write")
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    names = [each for each in (args.text("users") or "").split(",") if each]
    if not names:
        raise Refusal("users_list_not_supplied")
    if len(names) > 8:
        raise Refusal("too_many_users")
    if len(names) > 1:
        raise missing_scope(workspace, "mpim:write")
    if "im:write" not in workspace.scopes:
        raise missing_scope(workspace, "im:write")
    user = workspace.users.get(names[0])
    _may_be_written_to(user)
    was_open = workspace.dm_of(names[0]) is not None
    channel = workspace.open_dm(names[0])
    found: Json = channel_object(workspace, channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": found, **({"no_op": True, "already_open": True} if was_open else {})}


def conversations_info(workspace: Workspace, args: Args) -> Json:
    """One conversation."""
    channel = _channel(workspace, args.required("channel"), "read")
    found = channel_object(workspace, channel)
    if args.flag("include_num_members"):
        found["num_members"] = len(channel.members)
    return {"channel": found}


def conversations_members(workspace: Workspace, args: Args) -> Json:
    """Who is in a conversation, in pages."""
    channel = _channel(workspace, args.required("channel"), "read")
    page, cursor = _page(sorted(channel.members), args, default=100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def conversations_replies(workspace: Workspace, args: Args) -> Json:
    """A message and the replies to it."""
    channel = _channel(workspace, args.required("channel"), "history")
    ts = args.required("ts")
    root = workspace.find(channel.id, ts)
    if root is None or root.ephemeral_to is not None:
        raise Refusal("thread_not_found")
    top = root.thread_ts or root.ts
    thread = [
        message
        for message in workspace.everything(channel.id)
        if top in (message.ts, message.thread_ts) and not message.deleted and message.ephemeral_to is None
    ]
    page, cursor = _page(thread, args, default=_PAGE_MOST)
    found = [message_object(workspace, message) for message in page]
    for each in found:
        if each["ts"] == top and len(thread) > 1:
            each |= {"thread_ts": top, "reply_count": len(thread) - 1}
    return {"messages": found, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def missing_scope(workspace: Workspace, needed: str) -> Refusal:
    """The app was not granted what it needs."""
    return Refusal("missing_scope", needed=needed, provided=",".join(sorted(workspace.scopes)))


def _object(workspace: Workspace, user: SlackUser, args: Args) -> Json:
    return user_object(
        workspace,
        user,
        email="users:read.email" in workspace.scopes,
        locale=args.flag("include_locale"),
    )


def _may_be_written_to(user: SlackUser | None) -> None:
    if user is None:
        raise Refusal("user_not_found")
    if user.is_stranger:
        raise Refusal("user_not_visible")
    if user.deleted:
        raise Refusal("user_disabled")
    if user.is_bot:
        raise Refusal("cannot_dm_bot")


def _channel(workspace: Workspace, name: str, verb: str) -> Channel:
    """A conversation the app may see, if it was granted the scope for its kind."""
    channel = workspace.channels.get(name)
    is_member = channel is not None and workspace.installation.bot_user_id in channel.members
    if channel is None or (channel.private and not is_member):
        raise Refusal("channel_not_found")
    needed = f"{channel.scope_family}:{verb}"
    if needed not in workspace.scopes:
        raise missing_scope(workspace, needed)
    if verb == "history" and not is_member:
        raise Refusal("not_in_channel")
    return channel


def _page(rows: list[T], args: Args, default: int) -> tuple[list[T], str]:
    """One page of rows, and the cursor of the next; an empty cursor ends it."""
    limit = args.number("limit", default) or default
    if not 0 < limit <= _PAGE_MOST:
        raise Refusal("invalid_limit")
    start = 0
    if cursor := args.text("cursor"):
        try:
            start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
        except ValueError:
            raise Refusal("invalid_cursor") from None
    end = start + limit
    return rows[start:end], base64.b64encode(f"next:{end}".encode()).decode() if end < len(rows) else ""
