"""``views.*``: modals and Home tabs."""

from dataclasses import replace

from bot.sandbox.slack.args import Args, invalid
from bot.sandbox.slack.blocks import check_view, named, view_too_large
from bot.sandbox.slack.payloads import view_object
from bot.sandbox.slack.records import Json, View
from bot.sandbox.slack.triggers import Trigger, Triggers
from bot.sandbox.slack.workspace import Refusal, Workspace


def checked(view: Json, kind: str) -> Json:
    """The view the app sent. ``Refusal`` as Slack words it when it is not valid."""
    if view_too_large(view):
        raise Refusal("view_too_large")
    if problems := check_view(view):
        raise invalid(*(str(problem) for problem in problems))
    if view["type"] != kind:
        raise invalid(f"must be of type {kind} [json-pointer:/view/type]")
    return view


def built(workspace: Workspace, user_id: str, view: Json, old: View | None = None) -> View:
    """A view from what the app sent; a new version of ``old`` if there is one."""
    external_id = str(view.get("external_id") or "")
    holder = workspace.view(external_id=external_id) if external_id else None
    if holder is not None and (old is None or holder.id != old.id):
        raise Refusal("duplicate_external_id")
    view_id = old.id if old else workspace.new_id("V")
    return View(
        id=view_id,
        user=user_id,
        type=str(view["type"]),
        hash=workspace.new_hash(),
        root_id=old.root_id if old else view_id,
        previous_id=old.previous_id if old else None,
        title=_words(view, "title") or "",
        submit=_words(view, "submit"),
        close=_words(view, "close"),
        blocks=named(view["blocks"]),
        callback_id=str(view.get("callback_id") or ""),
        private_metadata=str(view.get("private_metadata") or ""),
        external_id=external_id,
        notify_on_close=bool(view.get("notify_on_close")),
        clear_on_close=bool(view.get("clear_on_close")),
    )


def open_view(workspace: Workspace, triggers: Triggers, args: Args) -> Json:
    """Open a modal for the person whose interaction gave the trigger."""
    given = checked(args.view(), "modal")
    trigger = _redeem(triggers, args)
    view = built(workspace, trigger.user, given)
    workspace.show(trigger.user, view)
    return {"view": view_object(workspace, view)}


def push_view(workspace: Workspace, triggers: Triggers, args: Args) -> Json:
    """Open a modal on top of the one in which the person acted."""
    given = checked(args.view(), "modal")
    trigger = _redeem(triggers, args)
    view = built(workspace, trigger.user, given)
    if trigger.view_id is None or workspace.view(trigger.view_id) is None:
        raise Refusal("not_found")
    return {"view": view_object(workspace, workspace.push(trigger.user, view))}


def update_view(workspace: Workspace, args: Args) -> Json:
    """Replace a modal that is open. What was typed into inputs that stay is kept."""
    old = workspace.view(args.text("view_id"), args.text("external_id"))
    if old is None or old.type != "modal":
        raise Refusal("not_found")
    _same_hash(old, args)
    view = replace(built(workspace, old.user, checked(args.view(), "modal"), old), state=old.state)
    workspace.replace_view(old, view)
    return {"view": view_object(workspace, view)}


def publish_view(workspace: Workspace, args: Args) -> Json:
    """Show a Home tab to a person."""
    user = workspace.users.get(args.required("user_id"))
    if user is None:
        raise invalid("invalid `user_id`")
    if not workspace.home_tab:
        raise Refusal("not_enabled")
    old = workspace.homes.get(user.id)
    if old is not None:
        _same_hash(old, args)
    view = built(workspace, user.id, checked(args.view(), "home"), old)
    workspace.homes[user.id] = view
    workspace.changes.happened()
    return {"view": view_object(workspace, view)}


def respond(workspace: Workspace, sent: View, answer: Json) -> None:
    """Do to a submitted modal what the app's acknowledgement says; complain to the person when it makes no sense."""
    view = workspace.view(sent.id)
    if view is None:
        return
    try:
        match answer.get("response_action"):
            case None:
                workspace.close_view(view)
            case "clear":
                workspace.clear_views(view.user)
            case "errors":
                workspace.replace_view(view, replace(view, errors=_errors(view, answer)))
            case "update":
                given = checked(Args(answer).view(), "modal")
                workspace.replace_view(view, built(workspace, view.user, given, view))
            case "push":
                given = checked(Args(answer).view(), "modal")
                workspace.push(view.user, built(workspace, view.user, given))
            case other:
                raise Refusal(f"invalid response_action: {other}")
    except Refusal as refusal:
        workspace.complain(f"we had some trouble connecting ({refusal.error}: {refusal.details})")


def _errors(view: View, answer: Json) -> dict[str, str]:
    """What the app finds wrong with a form; each must stand at an input."""
    errors = answer.get("errors")
    known = {block["block_id"] for block in view.inputs}
    if not isinstance(errors, dict) or not errors or not set(errors) <= known:
        raise Refusal("errors must name input blocks")
    return {str(key): str(value) for key, value in errors.items()}


def _redeem(triggers: Triggers, args: Args) -> Trigger:
    return triggers.redeem(args.required("trigger_id"))


def _same_hash(old: View, args: Args) -> None:
    given = args.text("hash")
    if given is not None and given != old.hash:
        raise Refusal("hash_conflict")


def _words(view: Json, key: str) -> str | None:
    found = view.get(key)
    return str(found["text"]) if isinstance(found, dict) else None
