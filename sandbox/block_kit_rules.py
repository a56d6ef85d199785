"""Block Kit's rules as a table: what each block, element and composition object needs, holds and allows.

The numbers are Slack's documented limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

PLAIN = frozenset({"plain_text"})
ANY_TEXT = frozenset({"plain_text", "mrkdwn"})

BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
MARKDOWN_CHARACTERS = 12_000
# Undocumented; about what all blocks of one message may say together.
MESSAGE_CHARACTERS = 12_000
VIEW_BYTES = 250_000
TABLES_PER_MESSAGE = 1
TABLE_ROWS = 100
TABLE_COLUMNS = 20


@dataclass(frozen=True)
class Text:
    """A text object: at most `most` characters, of one of `kinds`."""

    most: int
    kinds: frozenset[str] = PLAIN


@dataclass(frozen=True)
class Several:
    """A list of `least` to `most` objects of the types in `of`, or of the one shape `of` names."""

    most: int
    of: frozenset[str] | str
    least: int = 1


@dataclass(frozen=True)
class Shape:
    """The fields of one type. A field named nowhere here is an invalid additional property."""

    required: tuple[str, ...] = ()
    either: tuple[str, ...] = ()  # one of them has to be there
    texts: Mapping[str, Text] = field(default_factory=dict)
    strings: Mapping[str, int] = field(default_factory=dict)
    lists: Mapping[str, Several] = field(default_factory=dict)
    single: Mapping[str, frozenset[str] | str] = field(default_factory=dict)
    enums: Mapping[str, frozenset[str]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    free: frozenset[str] = frozenset()  # fields that are not looked into


_ID = {"action_id": 255}
_PLACEHOLDER = {"placeholder": Text(150)}
_FOCUS = frozenset({"focus_on_load"})
_OPTIONS = {"options": Several(100, "option"), "option_groups": Several(100, "option_group")}
_CONFIRM: Mapping[str, frozenset[str] | str] = {"confirm": "confirm"}
_ONE_OPTION: Mapping[str, frozenset[str] | str] = {"confirm": "confirm", "initial_option": "option"}
_MANY = {"max_selected_items": (1, 1000)}
_MOST_OPTIONS = {"initial_options": Several(100, "option", least=0)}


def _picker(initial: str, *free: str) -> Shape:
    return Shape(texts=_PLACEHOLDER, strings=_ID, single=_CONFIRM, numbers=_MANY, free=_FOCUS | {initial} | set(free))


def _input(*free: str, required: tuple[str, ...] = ()) -> Shape:
    return Shape(
        required=required,
        texts=_PLACEHOLDER,
        strings=_ID | {"initial_value": 3000},
        free=_FOCUS | {"dispatch_action_config", *free},
    )


COMPOSITIONS: Mapping[str, Shape] = {
    "option": Shape(
        required=("text", "value"),
        texts={"text": Text(75, ANY_TEXT), "description": Text(75, ANY_TEXT)},
        strings={"value": 150, "url": 3000},
    ),
    "option_group": Shape(
        required=("label", "options"), texts={"label": Text(75)}, lists={"options": Several(100, "option")}
    ),
    "confirm": Shape(
        required=("title", "text", "confirm", "deny"),
        texts={"title": Text(100), "text": Text(300, ANY_TEXT), "confirm": Text(30), "deny": Text(30)},
        enums={"style": frozenset({"primary", "danger"})},
    ),
}

ELEMENTS: Mapping[str, Shape] = {
    "button": Shape(
        required=("text",),
        texts={"text": Text(75)},
        strings=_ID | {"value": 2000, "url": 3000, "accessibility_label": 75},
        single=_CONFIRM,
        enums={"style": frozenset({"primary", "danger"})},
    ),
    "overflow": Shape(required=("options",), strings=_ID, lists={"options": Several(5, "option")}, single=_CONFIRM),
    "static_select": Shape(
        either=("options", "option_groups"),
        texts=_PLACEHOLDER,
        strings=_ID,
        lists=_OPTIONS,
        single=_ONE_OPTION,
        free=_FOCUS,
    ),
    "multi_static_select": Shape(
        either=("options", "option_groups"),
        texts=_PLACEHOLDER,
        strings=_ID,
        lists=_OPTIONS | _MOST_OPTIONS,
        single=_CONFIRM,
        numbers=_MANY,
        free=_FOCUS,
    ),
    "external_select": _picker("initial_option", "min_query_length"),
    "multi_external_select": _picker("initial_options", "min_query_length"),
    "users_select": _picker("initial_user"),
    "multi_users_select": _picker("initial_users"),
    "channels_select": _picker("initial_channel", "response_url_enabled"),
    "multi_channels_select": _picker("initial_channels"),
    "conversations_select": _picker(
        "initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"
    ),
    "multi_conversations_select": _picker("initial_conversations", "default_to_current_conversation", "filter"),
    "datepicker": _picker("initial_date"),
    "timepicker": _picker("initial_time", "timezone"),
    "datetimepicker": _picker("initial_date_time"),
    "checkboxes": Shape(
        required=("options",),
        strings=_ID,
        lists={"options": Several(10, "option"), "initial_options": Several(10, "option", least=0)},
        single=_CONFIRM,
        free=_FOCUS,
    ),
    "radio_buttons": Shape(
        required=("options",), strings=_ID, lists={"options": Several(10, "option")}, single=_ONE_OPTION, free=_FOCUS
    ),
    "plain_text_input": _input("multiline", "min_length", "max_length"),
    "email_text_input": _input(),
    "url_text_input": _input(),
    "number_input": _input("min_value", "max_value", "is_decimal_allowed", required=("is_decimal_allowed",)),
    "rich_text_input": _input(),
    "file_input": Shape(strings=_ID, numbers={"max_files": (1, 10)}, free=frozenset({"filetypes"})),
    "image": Shape(
        required=("alt_text",),
        either=("image_url", "slack_file"),
        strings={"alt_text": 2000, "image_url": 3000},
        free=frozenset({"slack_file"}),
    ),
    "workflow_button": Shape(
        required=("text", "workflow"), texts={"text": Text(75)}, strings=_ID, free=frozenset({"workflow", "style"})
    ),
    "feedback_buttons": Shape(strings=_ID, free=frozenset({"positive_button", "negative_button"})),
    "icon_button": Shape(
        required=("text", "icon"),
        texts={"text": Text(75)},
        strings=_ID | {"value": 2000},
        single=_CONFIRM,
        free=frozenset({"icon", "visible_to_user_ids", "accessibility_label"}),
    ),
}

_SELECTS = frozenset(name for name in ELEMENTS if name.endswith("_select"))
_PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
_CHOICES = frozenset({"checkboxes", "radio_buttons"})
_TEXT_INPUTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"})
_BUTTONS = frozenset({"button", "workflow_button", "overflow"})
_ACTIONS = frozenset(_BUTTONS | _PICKERS | _CHOICES | {"rich_text_input", "plain_text_input"} | _SELECTS)
_RICH_TEXT = frozenset({"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"})

BLOCKS: Mapping[str, Shape] = {
    "section": Shape(
        either=("text", "fields"),
        texts={"text": Text(3000, ANY_TEXT)},
        lists={"fields": Several(10, "field")},
        single={"accessory": (_ACTIONS | {"image"}) - {"plain_text_input", "rich_text_input", "datetimepicker"}},
        free=frozenset({"expand"}),
    ),
    "header": Shape(required=("text",), texts={"text": Text(150)}, free=frozenset({"level"})),
    "divider": Shape(),
    "image": Shape(
        required=("alt_text",),
        either=("image_url", "slack_file"),
        texts={"title": Text(2000)},
        strings={"alt_text": 2000, "image_url": 3000},
        free=frozenset({"slack_file"}),
    ),
    "context": Shape(required=("elements",), lists={"elements": Several(10, frozenset({"image"}) | ANY_TEXT)}),
    "actions": Shape(required=("elements",), lists={"elements": Several(25, _ACTIONS)}),
    "context_actions": Shape(
        required=("elements",), lists={"elements": Several(5, frozenset({"feedback_buttons", "icon_button"}))}
    ),
    "input": Shape(
        required=("label", "element"),
        texts={"label": Text(2000), "hint": Text(2000)},
        single={"element": _SELECTS | _PICKERS | _CHOICES | _TEXT_INPUTS | {"file_input"}},
        free=frozenset({"dispatch_action", "optional"}),
    ),
    "markdown": Shape(required=("text",), strings={"text": MARKDOWN_CHARACTERS}),
    "rich_text": Shape(required=("elements",), lists={"elements": Several(1000, _RICH_TEXT, least=0)}),
    "file": Shape(required=("external_id", "source"), free=frozenset({"external_id", "source"})),
    "video": Shape(
        required=("alt_text", "title", "video_url", "thumbnail_url"),
        texts={"title": Text(200), "description": Text(200)},
        strings={"alt_text": 2000, "author_name": 50},
        free=frozenset({"video_url", "thumbnail_url", "title_url", "provider_icon_url", "provider_name"}),
    ),
    "table": Shape(required=("rows",), free=frozenset({"rows", "column_settings"})),
    "plan": Shape(required=("title",), strings={"title": 256}, free=frozenset({"tasks"})),
    "task_card": Shape(
        required=("task_id", "title"),
        strings={"task_id": 255, "title": 256},
        free=frozenset({"status", "details", "output", "sources"}),
    ),
}

FIELD_TEXT = Text(2000, ANY_TEXT)
CONTEXT_TEXT = Text(3000, ANY_TEXT)
TASKS_PER_PLAN = 50

# Blocks that one kind of surface does not take.
NOT_IN_VIEWS = frozenset({"table", "markdown", "file", "plan", "task_card", "context_actions"})
NOT_IN_MESSAGES = frozenset[str]()
VIEW_TYPES = frozenset({"modal", "home"})
VIEW_TITLES = {"title": Text(24), "submit": Text(24), "close": Text(24)}
VIEW_STRINGS = {"private_metadata": 3000, "callback_id": 255, "external_id": 255}
