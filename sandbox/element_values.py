"""What a person enters, in Slack's forms: state values and actions, by the element's type."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from sandbox.json_object import JsonObject

_SINGLE_OPTION = frozenset({"static_select", "external_select", "radio_buttons", "overflow"})
_MANY_OPTIONS = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})
# Where the value of each other type is kept, and its initial one.
_VALUE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
_ALWAYS_LISTS = frozenset({"multi_users_select", "multi_channels_select", "multi_conversations_select", "file_input"})


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    sentence: str


# Slack does not document what it takes for an address; these refuse what is certainly none.
_FORMS = {
    "email_text_input": _Form(re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+"), "Please enter a valid email address."),
    "url_text_input": _Form(re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/][^\s]*"), "Please enter a valid URL."),
}

FindFile = Callable[[str], JsonObject | None]


def is_stateful(element: JsonObject) -> bool:
    """Whether the element has a value that a view or message keeps."""
    kind = element["type"]
    return kind != "overflow" and (kind in _VALUE_KEYS or kind in _SINGLE_OPTION or kind in _MANY_OPTIONS)


def initial_state(element: JsonObject) -> JsonObject:
    """The value an element shows before anyone touches it."""
    kind = element["type"]
    if kind in _SINGLE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    key, initial = _VALUE_KEYS[kind]
    return {"type": kind, key: element.get(initial, [] if kind in _ALWAYS_LISTS else None)}


def entered_state(element: JsonObject, raw: Any, offered: list[JsonObject], find_file: FindFile) -> JsonObject:
    """The state value for `raw`: a string, a list of them, or None. `offered` are options an app suggested."""
    kind = element["type"]
    if kind in _SINGLE_OPTION:
        return {"type": kind, "selected_option": _option(element, raw, offered) if raw else None}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": [_option(element, each, offered) for each in raw or []]}
    key, _ = _VALUE_KEYS[kind]
    if kind == "file_input":
        return {"type": kind, key: [file for file in map(find_file, raw or []) if file]}
    if kind == "datetimepicker":
        return {"type": kind, key: int(raw) if raw else None}
    empty: Any = [] if kind in _ALWAYS_LISTS else None
    return {"type": kind, key: raw if raw not in ("", None) else empty}


def is_filled(state: JsonObject) -> bool:
    """Whether a state value holds anything a person entered."""
    return any(value not in (None, "", []) for key, value in state.items() if key != "type")


def action_of(block_id: str, element: JsonObject, state: JsonObject | None, ts: str) -> JsonObject:
    """One entry of `actions` in a block_actions payload."""
    action: JsonObject = {
        "action_id": element["action_id"],
        "block_id": block_id,
        "type": element["type"],
        "action_ts": ts,
    }
    carried = {key: element[key] for key in ("text", "value", "style", "placeholder") if key in element}
    return action | carried | (state or {})


def complaint(element: JsonObject, state: JsonObject, *, optional: bool) -> str | None:
    """What Slack's client itself says of an input before it sends anything; None where it is content."""
    if not is_filled(state):
        return None if optional else "Please complete this required field."
    value = state.get("value")
    if not isinstance(value, str):
        return None
    if len(value) < element.get("min_length", 0):
        return f"This entry needs at least {element['min_length']} characters."
    if len(value) > element.get("max_length", len(value)):
        return f"This entry may have at most {element['max_length']} characters."
    if element["type"] == "number_input":
        return _number_complaint(element, value)
    form = _FORMS.get(element["type"])
    return form.sentence if form and not form.pattern.fullmatch(value) else None


def _number_complaint(element: JsonObject, value: str) -> str | None:
    try:
        number = float(value) if element.get("is_decimal_allowed") else int(value)
    except ValueError:
        return "Please enter a number." if element.get("is_decimal_allowed") else "Please enter a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"This number must be at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"This number must be at most {element['max_value']}."
    return None


def _option(element: JsonObject, raw: Any, offered: list[JsonObject]) -> JsonObject:
    if isinstance(raw, dict):
        return raw
    grouped = [option for group in element.get("option_groups") or [] for option in group["options"]]
    for option in [*(element.get("options") or []), *grouped, *offered]:
        if option.get("value") == raw:
            found: JsonObject = option
            return found
    return {"text": {"type": "plain_text", "text": str(raw), "emoji": True}, "value": str(raw)}
