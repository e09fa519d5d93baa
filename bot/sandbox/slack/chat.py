"""``chat.*``: posting and changing messages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sandbox.slack.args import Args, refused_blocks
from bot.sandbox.slack.blocks import check_message, too_long
from bot.sandbox.slack.payloads import message_object
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.workspace import Refusal, Workspace

_POST_CUT = 40_000
_UPDATE_MOST = 4_000
_AT_ALL = re.compile(r"@(channel|here|everyone)\b")
_TS = re.compile(r"\d{10}\.\d{6}")


@dataclass(frozen=True)
class _Content:
    text: str
    blocks: Sequence[Json]
    metadata: Json | None


def _content(args: Args) -> _Content:
    """Text, blocks and metadata of a message, checked."""
    markdown = args.text("markdown_text")
    text = args.text("text")
    blocks = args.blocks()
    if markdown is not None:
        if text is not None or blocks:
            raise Refusal("markdown_text_conflict")
        if len(markdown) > 12_000:
            raise Refusal("msg_too_long")
        text = markdown
    if text is not None and (args.flag("link_names") or args.text("parse") == "full"):
        text = _AT_ALL.sub(r"<!\1>", text)
    if text is None and not blocks and not args.given.get("attachments"):
        raise Refusal("no_text")
    return _Content(text or "", checked_blocks(blocks), args.metadata())


def checked_blocks(blocks: object) -> Sequence[Json]:
    """The blocks of a message. ``Refusal`` as Slack words it when they are not valid."""
    if blocks is None:
        return ()
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    if problems := check_message(blocks):
        raise refused_blocks("invalid_blocks", problems)
    if too_long(blocks):
        raise Refusal("msg_blocks_too_long")
    return blocks


def target(workspace: Workspace, name: str) -> Channel:
    """The conversation a message goes to; a person's id stands for the direct message with them.

    Channel names, which Slack takes too, are refused: they are not unique and change.
    """
    user = workspace.users.get(name)
    if user is not None:
        if user.is_bot:
            raise Refusal("cannot_dm_bot")
        if user.is_stranger:
            raise Refusal("channel_not_found")
        return workspace.open_dm(user.id)
    channel = workspace.channels.get(name)
    if channel is None:
        raise Refusal("channel_not_found")
    is_member = workspace.installation.bot_user_id in channel.members
    if not is_member and channel.private:
        raise Refusal("channel_not_found")
    if channel.archived:
        raise Refusal("is_archived")
    if not is_member:
        raise Refusal("not_in_channel")
    if channel.with_user is not None and not workspace.messages_tab:
        raise Refusal("messages_tab_disabled")
    return channel


def post_message(workspace: Workspace, args: Args) -> Json:
    """Post a message. In the conversation with somebody deactivated it succeeds, as it does in Slack."""
    channel = target(workspace, args.required("channel"))
    content = _content(args)
    message = workspace.post(
        channel,
        workspace.installation.bot_user_id,
        content.text[:_POST_CUT],
        content.blocks,
        thread_ts=_thread(args),
        metadata=content.metadata,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_object(workspace, message)}


def post_ephemeral(workspace: Workspace, args: Args) -> Json:
    """Post a message that one person sees."""
    channel = target(workspace, args.required("channel"))
    user = args.required("user")
    if user not in channel.members or workspace.users[user].deleted:
        raise Refusal("user_not_in_channel")
    content = _content(args)
    if len(content.text) > _POST_CUT:
        raise Refusal("msg_too_long")
    message = workspace.post(
        channel,
        workspace.installation.bot_user_id,
        content.text,
        content.blocks,
        thread_ts=_thread(args),
        ephemeral_to=user,
    )
    return {"message_ts": message.ts}


def update(workspace: Workspace, args: Args) -> Json:
    """Replace a message of the app. Text without blocks takes the blocks away."""
    message = _own(workspace, args, "cant_update_message")
    text = args.text("text")
    if text is not None and len(text) > _UPDATE_MOST:
        raise Refusal("msg_too_long")
    content = _content(args)
    changed = workspace.change(message, content.text, content.blocks, content.metadata)
    return {
        "channel": changed.channel,
        "ts": changed.ts,
        "text": changed.text,
        "message": message_object(workspace, changed),
    }


def delete(workspace: Workspace, args: Args) -> Json:
    """Take a message of the app away."""
    message = _own(workspace, args, "cant_delete_message")
    workspace.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def _own(workspace: Workspace, args: Args, otherwise: str) -> Message:
    channel = workspace.channels.get(args.required("channel"))
    if channel is None:
        raise Refusal("channel_not_found")
    message = workspace.find(channel.id, args.required("ts"))
    if message is None or message.ephemeral_to is not None:
        raise Refusal("message_not_found")
    if not message.by_bot:
        raise Refusal(otherwise)
    return message


def _thread(args: Args) -> str | None:
    thread_ts = args.text("thread_ts")
    if thread_ts is not None and not _TS.fullmatch(thread_ts):
        raise Refusal(
            "invalid_thread_ts",
            response_metadata={"messages": [f"[ERROR] {thread_ts} is not a valid thread_ts"]},
        )
    return thread_ts
