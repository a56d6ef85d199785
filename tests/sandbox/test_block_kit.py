import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.block_kit import characters, message_problems, view_problems


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def option(number=0, text="one"):
    return {"text": plain(text), "value": f"v{number}"}


def button(action_id="go", **more):
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


def section(text="hello", **more):
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements, **more):
    return {"type": "actions", "elements": list(elements), **more}


def static_select(options, **more):
    return {"type": "static_select", "action_id": "choose", "options": options, **more}


def entry(element, **more):
    return {"type": "input", "label": plain("Title"), "element": element, **more}


def modal(*blocks, **more):
    return {"type": "modal", "title": plain("Open"), "submit": plain("Go"), "blocks": list(blocks), **more}


CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("Really"), "confirm": plain("Yes"), "deny": plain("No")}
TEXT_INPUT = {"type": "plain_text_input", "action_id": "title"}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}

GOOD_MESSAGES = {
    "section": [section()],
    "the longest section": [section("x" * 3000)],
    "ten fields": [{"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}],
    "header and divider": [{"type": "header", "text": plain("x" * 150)}, {"type": "divider"}],
    "context with image": [
        {
            "type": "context",
            "elements": [mrkdwn("a"), {"type": "image", "image_url": "https://a.example/b.png", "alt_text": "b"}],
        }
    ],
    "buttons": [actions(button("a", style="primary", value="x" * 2000), button("b", confirm=CONFIRM))],
    "the same action_id in two blocks": [actions(button()), actions(button())],
    "overflow": [
        section(accessory={"type": "overflow", "action_id": "more", "options": [option(i) for i in range(5)]})
    ],
    "a hundred options": [actions(static_select([option(i) for i in range(100)]))],
    "option groups": [
        actions(
            {"type": "static_select", "action_id": "a", "option_groups": [{"label": plain("g"), "options": [option()]}]}
        )
    ],
    "rich text": [
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a"}]}],
        }
    ],
    "markdown": [{"type": "markdown", "text": "x" * 12_000}],
    "table": [TABLE],
    "fifty blocks": [{"type": "divider"}] * 50,
    "users select": [actions({"type": "users_select", "action_id": "who", "placeholder": plain("Who?")})],
}

BAD_MESSAGES = {
    "no blocks": ([], "/blocks"),
    "51 blocks": ([{"type": "divider"}] * 51, "/blocks"),
    "not an object": (["section"], "/blocks/0"),
    "unknown block": ([{"type": "sction"}], "/blocks/0/type"),
    "section too long": ([section("x" * 3001)], "/blocks/0/text/text"),
    "empty text": ([section("")], "/blocks/0/text/text"),
    "section of nothing": ([{"type": "section"}], "/blocks/0"),
    "text as string": ([{"type": "section", "text": "hello"}], "/blocks/0/text"),
    "text of unknown type": ([{"type": "section", "text": {"type": "html", "text": "a"}}], "/blocks/0/text/type"),
    "eleven fields": ([{"type": "section", "fields": [mrkdwn("a")] * 11}], "/blocks/0/fields"),
    "field too long": ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "/blocks/0/fields/0/text"),
    "header in mrkdwn": ([{"type": "header", "text": mrkdwn("a")}], "/blocks/0/text/type"),
    "header too long": ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    "eleven in context": ([{"type": "context", "elements": [mrkdwn("a")] * 11}], "/blocks/0/elements"),
    "button in context": ([{"type": "context", "elements": [button()]}], "/blocks/0/elements/0/type"),
    "empty context": ([{"type": "context", "elements": []}], "/blocks/0/elements"),
    "26 buttons": ([actions(*(button(f"b{i}") for i in range(26)))], "/blocks/0/elements"),
    "no buttons": ([actions()], "/blocks/0/elements"),
    "duplicate action_id": ([actions(button(), button())], "/blocks/0"),
    "duplicate block_id": ([section(block_id="a"), section(block_id="a")], "/blocks"),
    "block_id too long": ([section(block_id="x" * 256)], "/blocks/0/block_id"),
    "action_id too long": ([actions(button("x" * 256))], "/blocks/0/elements/0/action_id"),
    "button text too long": ([actions(button(text=plain("x" * 76)))], "/blocks/0/elements/0/text/text"),
    "button value too long": ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
    "button url too long": ([actions(button(url="x" * 3001))], "/blocks/0/elements/0/url"),
    "button style": ([actions(button(style="red"))], "/blocks/0/elements/0/style"),
    "button without text": ([actions({"type": "button", "action_id": "a"})], "/blocks/0/elements/0"),
    "101 options": ([actions(static_select([option(i) for i in range(101)]))], "/blocks/0/elements/0/options"),
    "no options": ([actions(static_select([]))], "/blocks/0/elements/0"),
    "option text too long": (
        [actions(static_select([option(text="x" * 76)]))],
        "/blocks/0/elements/0/options/0/text/text",
    ),
    "option value too long": (
        [actions(static_select([{"text": plain("a"), "value": "x" * 151}]))],
        "/blocks/0/elements/0/options/0/value",
    ),
    "eleven radio buttons": (
        [actions({"type": "radio_buttons", "action_id": "a", "options": [option(i) for i in range(11)]})],
        "/blocks/0/elements/0/options",
    ),
    "six in overflow": (
        [actions({"type": "overflow", "action_id": "a", "options": [option(i) for i in range(6)]})],
        "/blocks/0/elements/0/options",
    ),
    "confirm too long": (
        [actions(button(confirm={**CONFIRM, "title": plain("x" * 101)}))],
        "/blocks/0/elements/0/confirm/title/text",
    ),
    "markdown summed": ([{"type": "markdown", "text": "x" * 7000}] * 2, "/blocks"),
    "two tables": ([TABLE, TABLE], "/blocks"),
    "table of 101 rows": ([{**TABLE, "rows": TABLE["rows"] * 101}], "/blocks/0/rows"),
    "table of 21 columns": ([{**TABLE, "rows": [TABLE["rows"][0] * 21]}], "/blocks/0/rows/0"),
    "51 tasks": ([{"type": "plan", "title": "p", "tasks": [{}] * 51}], "/blocks/0/tasks"),
    "image without alt_text": ([{"type": "image", "image_url": "https://a.example/b.png"}], "/blocks/0"),
    "made-up property": ([section(colour="red")], "/blocks/0"),
    "what only slack_sdk refuses": (
        [actions({"type": "datepicker", "action_id": "a", "initial_date": "tomorrow"})],
        "/blocks/0",
    ),
}

BAD_VIEWS = {
    "no title": ({**modal(section()), "title": None}, "/view"),
    "title too long": (modal(section(), title=plain("x" * 25)), "/view/title/text"),
    "title in mrkdwn": (modal(section(), title=mrkdwn("a")), "/view/title/type"),
    "submit too long": (modal(section(), submit=plain("x" * 25)), "/view/submit/text"),
    "101 blocks": (modal(*[{"type": "divider"}] * 101), "/view/blocks"),
    "private_metadata": (modal(section(), private_metadata="x" * 3001), "/view/private_metadata"),
    "callback_id": (modal(section(), callback_id="x" * 256), "/view/callback_id"),
    "input without submit": ({**modal(entry(TEXT_INPUT)), "submit": None}, "/view"),
    "table in a modal": (modal(TABLE), "/view/blocks/0/type"),
    "eleven files": (modal(entry({"type": "file_input", "max_files": 11})), "/view/blocks/0/element/max_files"),
    "button as input": (modal(entry(button())), "/view/blocks/0/element/type"),
    "label too long": (modal(entry(TEXT_INPUT, label=plain("x" * 2001))), "/view/blocks/0/label/text"),
    "no blocks": ({"type": "modal", "title": plain("a")}, "/view"),
    "two in focus": (
        modal(entry({**TEXT_INPUT, "focus_on_load": True}), entry({**TEXT_INPUT, "focus_on_load": True})),
        "/view/blocks",
    ),
    "unknown type": (modal(section(), type="window"), "/view/type"),
    "number input that does not say of decimals": (modal(entry({"type": "number_input"})), "/view/blocks/0/element"),
    "over 250 kB": (modal(*[section("x" * 3000)] * 90), "/view"),
}


@pytest.mark.parametrize("name", GOOD_MESSAGES)
def test_a_good_message_has_no_problems(name):
    assert message_problems(GOOD_MESSAGES[name]) == []


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_bad_message_is_refused_where_its_fault_is(name):
    blocks, pointer = BAD_MESSAGES[name]
    assert pointer in [problem.pointer for problem in message_problems(blocks)]


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_a_bad_view_is_refused_where_its_fault_is(name):
    view, pointer = BAD_VIEWS[name]
    assert pointer in [problem.pointer for problem in view_problems(view)]


@pytest.mark.parametrize(
    "view",
    [
        modal(entry(TEXT_INPUT), section(), private_metadata="x" * 3000, notify_on_close=True),
        modal(*[{"type": "divider"}] * 100),
        modal(entry({"type": "file_input", "action_id": "logs", "max_files": 10}, optional=True)),
        {"type": "home", "blocks": [section(), actions(button())]},
    ],
)
def test_a_good_view_has_no_problems(view):
    assert view_problems(view) == []


def test_a_problem_reads_as_slack_words_it():
    [problem] = message_problems([section("x" * 3001)])
    assert str(problem) == "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"


def test_the_characters_of_all_blocks_are_summed():
    assert characters([section("four"), {"type": "context", "elements": [mrkdwn("ab"), mrkdwn("c")]}]) == 7


KEYS = [
    "type",
    "text",
    "elements",
    "element",
    "options",
    "accessory",
    "block_id",
    "action_id",
    "tasks",
    "rows",
    "fields",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["section", "actions", "button", "plain_text"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
SAMPLES = [
    *(blocks for blocks in GOOD_MESSAGES.values() if len(blocks) < 5),
    [entry(TEXT_INPUT)],
    [entry({"type": "file_input"})],
]


@st.composite
def almost_blocks(draw):
    """Good blocks in which one value, somewhere, has become anything."""
    blocks = json.loads(json.dumps(draw(st.sampled_from(SAMPLES))))
    places = [*containers(blocks)]
    container, key = draw(st.sampled_from(places))
    container[key] = draw(JSON)
    return blocks


def containers(value):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from containers(inner)


@settings(max_examples=400, deadline=None)
@given(almost_blocks() | st.lists(JSON, max_size=3))
def test_whatever_comes_is_judged_and_never_breaks_the_judge(blocks):
    judged = [*message_problems(blocks), *view_problems(modal(*blocks))]
    assert all(isinstance(problem.pointer, str) for problem in judged)
    characters(blocks)
