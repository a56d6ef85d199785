"""views.*: modals and the App Home."""

from sandbox.json_object import JsonObject
from sandbox.rates import Tier
from sandbox.refusal import Refused
from sandbox.web_api.call import Call, check_view, invalid_arguments
from sandbox.web_api.method import Method


def open_view(call: Call) -> JsonObject:
    view = _given(call, "modal")
    user = call.sandbox.triggers.spend(call.required("trigger_id"))
    opened = call.sandbox.workspace.views.open(user, view)
    call.sandbox.workspace.show_views_changed(user)
    return {"view": opened}


def push(call: Call) -> JsonObject:
    view = _given(call, "modal")
    user = call.sandbox.triggers.spend(call.required("trigger_id"))
    pushed = call.sandbox.workspace.views.push(user, view)
    call.sandbox.workspace.show_views_changed(user)
    return {"view": pushed}


def update(call: Call) -> JsonObject:
    views = call.sandbox.workspace.views
    current = views.find(view_id=call.text("view_id") or None, external_id=call.text("external_id") or None)
    if current is None:
        raise Refused("not_found")
    view = _given(call, current["type"])
    user = views.owner(current)
    updated = views.update(current, view, expected_hash=call.text("hash") or None)
    call.sandbox.workspace.show_views_changed(user)
    return {"view": updated}


def publish(call: Call) -> JsonObject:
    view = _given(call, "home")
    user = call.required("user_id")
    if user not in call.sandbox.workspace.users:
        raise invalid_arguments("user_not_found")
    if not call.sandbox.manifest.home_tab:
        raise Refused("not_enabled")
    published = call.sandbox.workspace.views.publish(user, view, expected_hash=call.text("hash") or None)
    call.sandbox.workspace.show_views_changed(user, "home")
    return {"view": published}


def _given(call: Call, kind: str) -> JsonObject:
    view = check_view(call.structure("view"))
    if view["type"] != kind:
        raise invalid_arguments(f"a {view['type']} view cannot be shown as {kind} [json-pointer:/view/type]")
    return view


METHODS = (
    Method("views.open", open_view, Tier.FOUR),
    Method("views.push", push, Tier.FOUR),
    Method("views.update", update, Tier.FOUR),
    Method("views.publish", publish, Tier.FOUR),
)
