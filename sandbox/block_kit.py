"""Is this Block Kit that Slack would take? Answers as Slack does, with a JSON pointer to each fault.

Two looks: our walk along `block_kit_rules`, precise and with what single validators miss, and then slack_sdk's models.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from sandbox import block_kit_rules as rules
from sandbox.block_kit_rules import Several, Shape, Text
from sandbox.json_object import JsonObject


class Problem(NamedTuple):
    pointer: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.sentence} [json-pointer:{self.pointer}]"


Problems = Iterator[Problem]


def message_problems(blocks: list[Any]) -> list[Problem]:
    """Everything Slack would refuse in the blocks of one message; empty when there is nothing."""
    problems = [*_block_list(blocks, rules.BLOCKS_PER_MESSAGE, "/blocks", frozenset())]
    return problems or [*_library_problems(blocks, "/blocks")]


def view_problems(view: JsonObject) -> list[Problem]:
    """The same for a modal or an App Home."""
    problems = [*_view(view)]
    return problems or [*_library_problems(view["blocks"], "/view/blocks")]


def characters(blocks: Any) -> int:
    """How much all blocks say together: the sum of every `text` string in them."""
    if isinstance(blocks, list):
        return sum(characters(each) for each in blocks)
    if not isinstance(blocks, dict):
        return 0
    own = len(blocks["text"]) if isinstance(blocks.get("text"), str) else 0
    return own + sum(characters(value) for value in blocks.values())


def _kind(thing: JsonObject) -> str:
    """The type a payload claims, as text whatever it is: what comes over the wire may be unhashable."""
    return str(thing.get("type"))


def _view(view: JsonObject) -> Problems:
    kind = _kind(view)
    if kind not in rules.VIEW_TYPES:
        yield Problem("/view/type", f"unsupported type: {kind}")
    if kind == "modal" and not view.get("title"):
        yield Problem("/view", "missing required field: title")
    for name, rule in rules.VIEW_TITLES.items():
        yield from _text(view.get(name), rule, f"/view/{name}")
    for name, most in rules.VIEW_STRINGS.items():
        yield from _string(view.get(name), most, f"/view/{name}")
    yield from _view_blocks(view, kind)
    if len(json.dumps(view)) > rules.VIEW_BYTES:
        yield Problem("/view", f"must be smaller than {rules.VIEW_BYTES} bytes")


def _view_blocks(view: JsonObject, kind: str) -> Problems:
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        yield Problem("/view", "missing required field: blocks")
        return
    yield from _block_list(blocks, rules.BLOCKS_PER_VIEW, "/view/blocks", rules.NOT_IN_VIEWS)
    inputs = [each for each in blocks if isinstance(each, dict) and each.get("type") == "input"]
    if inputs and kind == "modal" and not view.get("submit"):
        yield Problem("/view", "missing required field: submit (a modal with an input block needs it)")
    focused = [each for each in _elements(blocks) if each.get("focus_on_load")]
    if len(focused) > 1:
        yield Problem("/view/blocks", "only one element may have focus_on_load")


def _block_list(blocks: list[Any], most: int, pointer: str, unwelcome: frozenset[str]) -> Problems:
    if not blocks:
        yield Problem(pointer, "must provide at least 1 block")
    if len(blocks) > most:
        yield Problem(pointer, f"no more than {most} items allowed [{len(blocks)} given]")
    for position, block in enumerate(blocks):
        yield from _block(block, f"{pointer}/{position}", unwelcome)
    well_formed = [block for block in blocks if isinstance(block, dict)]
    yield from _repeated(well_formed, "block_id", pointer)
    yield from _sums(well_formed, pointer)


def _block(block: Any, pointer: str, unwelcome: frozenset[str]) -> Problems:
    if not isinstance(block, dict):
        yield Problem(pointer, "must provide an object")
        return
    kind = _kind(block)
    shape = rules.BLOCKS.get(kind)
    if shape is None or kind in unwelcome:
        yield Problem(f"{pointer}/type", f"unsupported type: {kind}")
        return
    yield from _object(block, shape, pointer, extra={"block_id": 255})
    yield from _repeated([*_elements([block])], "action_id", pointer)
    yield from _table(block, pointer) if kind == "table" else ()
    tasks = block.get("tasks")
    if isinstance(tasks, list) and len(tasks) > rules.TASKS_PER_PLAN:
        yield Problem(f"{pointer}/tasks", f"no more than {rules.TASKS_PER_PLAN} items allowed")


def _object(thing: JsonObject, shape: Shape, pointer: str, *, extra: dict[str, int]) -> Problems:
    strings = {**shape.strings, **extra}
    known = {"type", *shape.texts, *strings, *shape.lists, *shape.single, *shape.enums, *shape.numbers, *shape.free}
    yield from _presence(thing, shape, known, pointer)
    for name, text_rule in shape.texts.items():
        yield from _text(thing.get(name), text_rule, f"{pointer}/{name}")
    for name, most in strings.items():
        yield from _string(thing.get(name), most, f"{pointer}/{name}", empty=name not in shape.required)
    for name, several in shape.lists.items():
        yield from _list(thing.get(name), several, f"{pointer}/{name}")
    for name, of in shape.single.items():
        if name in thing:
            yield from _member(thing[name], of, f"{pointer}/{name}")
    yield from _values(thing, shape, pointer)


def _presence(thing: JsonObject, shape: Shape, known: set[str], pointer: str) -> Problems:
    for name in shape.required:
        if thing.get(name) is None:
            yield Problem(pointer, f"missing required field: {name}")
    if shape.either and not any(thing.get(name) for name in shape.either):
        yield Problem(pointer, f"missing required field: {' or '.join(shape.either)}")
    if thing.get("options") and thing.get("option_groups"):
        yield Problem(pointer, "options and option_groups exclude each other")
    for name in thing.keys() - known:
        yield Problem(pointer, f"invalid additional property: {name}")


def _values(thing: JsonObject, shape: Shape, pointer: str) -> Problems:
    for name, allowed in shape.enums.items():
        if name in thing and str(thing[name]) not in allowed:
            yield Problem(f"{pointer}/{name}", "value not in the list of allowed values")
    for name, (least, most) in shape.numbers.items():
        if name in thing and not (isinstance(thing[name], int) and least <= thing[name] <= most):
            yield Problem(f"{pointer}/{name}", f"must be a number from {least} to {most}")


def _text(text: Any, rule: Text, pointer: str) -> Problems:
    if text is None:
        return
    if not isinstance(text, dict):
        yield Problem(pointer, "must provide an object")
    elif _kind(text) not in rule.kinds:
        yield Problem(f"{pointer}/type", f"unsupported type: {text.get('type')}")
    elif not isinstance(text.get("text"), str):
        yield Problem(pointer, "missing required field: text")
    else:
        yield from _string(text["text"], rule.most, f"{pointer}/text", empty=False)


def _string(value: Any, most: int, pointer: str, *, empty: bool = True) -> Problems:
    if value is None:
        return
    if not isinstance(value, str):
        yield Problem(pointer, "must provide a string")
    elif len(value) > most:
        yield Problem(pointer, f"must be less than {most + 1} characters")
    elif not value and not empty:
        yield Problem(pointer, "must be more than 0 characters")


def _list(values: Any, several: Several, pointer: str) -> Problems:
    if values is None:
        return
    if not isinstance(values, list):
        yield Problem(pointer, "must provide an array")
        return
    if len(values) > several.most:
        yield Problem(pointer, f"no more than {several.most} items allowed")
    if len(values) < several.least:
        yield Problem(pointer, f"no fewer than {several.least} items allowed")
    for position, value in enumerate(values):
        yield from _member(value, several.of, f"{pointer}/{position}")


def _member(value: Any, of: frozenset[str] | str, pointer: str) -> Problems:
    if not isinstance(value, dict):
        yield Problem(pointer, "must provide an object")
    elif of == "field":
        yield from _text(value, rules.FIELD_TEXT, pointer)
    elif isinstance(of, str):
        yield from _object(value, rules.COMPOSITIONS[of], pointer, extra={})
    elif _kind(value) not in of:
        yield Problem(f"{pointer}/type", f"unsupported type: {value.get('type')}")
    elif value["type"] in rules.ANY_TEXT:
        yield from _text(value, rules.CONTEXT_TEXT, pointer)
    elif value["type"] in rules.ELEMENTS:
        yield from _object(value, rules.ELEMENTS[value["type"]], pointer, extra={})


def _elements(blocks: list[Any]) -> Iterator[JsonObject]:
    for block in blocks:
        if isinstance(block, dict):
            listed = block.get("elements") if isinstance(block.get("elements"), list) else []
            kept = [block.get("element"), block.get("accessory"), *(listed or [])]
            yield from (element for element in kept if isinstance(element, dict))


def _repeated(things: list[JsonObject], key: str, pointer: str) -> Problems:
    counts = Counter(str(thing[key]) for thing in things if thing.get(key))
    for value, count in counts.items():
        if count > 1:
            yield Problem(pointer, f"`{key}` {value} already exists")


def _sums(blocks: list[JsonObject], pointer: str) -> Problems:
    markdown = [block.get("text") for block in blocks if block.get("type") == "markdown"]
    if sum(len(text) for text in markdown if isinstance(text, str)) > rules.MARKDOWN_CHARACTERS:
        yield Problem(pointer, f"all markdown together must be less than {rules.MARKDOWN_CHARACTERS + 1} characters")
    if sum(block.get("type") == "table" for block in blocks) > rules.TABLES_PER_MESSAGE:
        yield Problem(pointer, "only_one_table_allowed")


def _table(block: JsonObject, pointer: str) -> Problems:
    rows = block.get("rows")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        yield Problem(f"{pointer}/rows", "must provide rows, each an array of cells")
        return
    if len(rows) > rules.TABLE_ROWS:
        yield Problem(f"{pointer}/rows", f"no more than {rules.TABLE_ROWS} items allowed")
    for position, row in enumerate(rows):
        if len(row) > rules.TABLE_COLUMNS:
            yield Problem(f"{pointer}/rows/{position}", f"no more than {rules.TABLE_COLUMNS} items allowed")


def _library_problems(blocks: list[JsonObject], pointer: str) -> Problems:
    """What slack_sdk's models refuse on top. Their sentences have no pointer of their own."""
    for position, block in enumerate(blocks):
        try:
            parsed = Block.parse(block)
            if parsed is not None:
                parsed.to_dict()
        except (SlackObjectFormationError, TypeError, AttributeError, ValueError, KeyError) as error:
            yield Problem(f"{pointer}/{position}", str(error))
