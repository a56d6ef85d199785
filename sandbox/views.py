"""Modals and App Homes: a stack of at most three modals per person, one home each."""

import copy

from sandbox.directory import APP_ID, BOT_ID
from sandbox.ids import Ids
from sandbox.json_object import JsonObject
from sandbox.refusal import Refused

STACK_LIMIT = 3


class Views:
    def __init__(self, ids: Ids, team: str) -> None:
        self._ids = ids
        self._team = team
        self._stacks: dict[str, list[JsonObject]] = {}
        self._homes: dict[str, JsonObject] = {}

    def open(self, user: str, view: JsonObject) -> JsonObject:
        """Open `view` as the person's only modal."""
        self._refuse_taken_external_id(view)
        opened = self._complete(view)
        self._stacks[user] = [opened]
        return opened

    def push(self, user: str, view: JsonObject) -> JsonObject:
        """Raises Refused: push_limit_reached on a full stack, not_found where no modal is open."""
        stack = self._stacks.get(user, [])
        if not stack:
            raise Refused("not_found")
        if len(stack) >= STACK_LIMIT:
            raise Refused("push_limit_reached")
        self._refuse_taken_external_id(view)
        pushed = self._complete(view) | {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(pushed)
        return pushed

    def update(self, current: JsonObject, view: JsonObject, *, expected_hash: str | None = None) -> JsonObject:
        """Replace `current` in place. Raises Refused("hash_conflict") when it has changed since `expected_hash`."""
        if expected_hash and expected_hash != current["hash"]:
            raise Refused("hash_conflict")
        kept = {key: current[key] for key in ("id", "root_view_id", "previous_view_id")}
        state = _surviving_state(current, view)
        replaced = self._complete(view) | kept
        replaced["state"] = {"values": state}
        current.clear()
        current.update(replaced)
        return current

    def publish(self, user: str, view: JsonObject, *, expected_hash: str | None = None) -> JsonObject:
        home = self._homes.get(user)
        if home is not None:
            return self.update(home, view, expected_hash=expected_hash)
        self._homes[user] = self._complete(view)
        return self._homes[user]

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> JsonObject | None:
        for view in self._all():
            if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                return view
        return None

    def close(self, user: str, view: JsonObject) -> None:
        """Close `view` and what lies on top of it; what lies below shows again."""
        stack = self._stacks.get(user, [])
        for position, each in enumerate(stack):
            if each is view:
                del stack[position:]
                return

    def clear(self, user: str) -> None:
        self._stacks.pop(user, None)

    def stack(self, user: str) -> list[JsonObject]:
        return copy.deepcopy(self._stacks.get(user, []))

    def home(self, user: str) -> JsonObject | None:
        return copy.deepcopy(self._homes.get(user))

    def owner(self, view: JsonObject) -> str:
        """The person who sees `view`."""
        for user in {*self._stacks, *self._homes}:
            if any(each is view for each in [*self._stacks.get(user, []), self._homes.get(user)]):
                return user
        raise Refused("not_found")

    def _all(self) -> list[JsonObject]:
        return [*(view for stack in self._stacks.values() for view in stack), *self._homes.values()]

    def _refuse_taken_external_id(self, view: JsonObject) -> None:
        if view.get("external_id") and self.find(external_id=view["external_id"]):
            raise Refused("duplicate_external_id")

    def _complete(self, view: JsonObject) -> JsonObject:
        view_id = self._ids.fresh("V")
        defaults: JsonObject = {
            "id": view_id,
            "team_id": self._team,
            "app_id": APP_ID,
            "bot_id": BOT_ID,
            "app_installed_team_id": self._team,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "title": {"type": "plain_text", "text": "View Title", "emoji": True},
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
            "previous_view_id": None,
            "root_view_id": view_id,
            "state": {"values": {}},
            "hash": f"{self._ids.message_ts()}.{self._ids.fresh(length=8)}",
        }
        given = {key: value for key, value in copy.deepcopy(view).items() if key not in ("id", "hash", "state")}
        return defaults | given | {"blocks": self.with_block_ids(view["blocks"])}

    def with_block_ids(self, blocks: list[JsonObject]) -> list[JsonObject]:
        """Copies in which every block has an id, and every interactive element an action id."""
        return [self._identified(block) for block in copy.deepcopy(blocks)]

    def _identified(self, block: JsonObject) -> JsonObject:
        block.setdefault("block_id", self._ids.fresh(length=5))
        for element in [*elements_of(block)]:
            if element.get("type") != "image" and block["type"] in ("actions", "section", "input"):
                element.setdefault("action_id", self._ids.fresh(length=5))
        return block


def elements_of(block: JsonObject) -> list[JsonObject]:
    """The elements a person can act on, wherever the block keeps them."""
    kept = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
    return [element for element in kept if isinstance(element, dict)]


def _surviving_state(current: JsonObject, view: JsonObject) -> JsonObject:
    """What was typed survives an update where block_id and action_id stay the same."""
    remaining = {
        (block.get("block_id"), each.get("action_id")) for block in view["blocks"] for each in elements_of(block)
    }
    values: JsonObject = {}
    for block_id, actions in current["state"]["values"].items():
        kept = {action: value for action, value in actions.items() if (block_id, action) in remaining}
        if kept:
            values[block_id] = kept
    return values
