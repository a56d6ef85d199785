"""What people do with the app: commands, buttons, modals, shortcuts. Sent to the app, and its answer carried out.

Every method answers as the people's API does: `{"ok": true, ...}`, or `ok` false with the `error` a person is shown.
"""

from typing import Any, NamedTuple

from sandbox.assembly import Sandbox
from sandbox.directory import BOT_USER_ID, Channel
from sandbox.element_values import action_of, complaint, entered_state, initial_state, is_stateful
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.payloads import Payloads
from sandbox.references import escaped_command
from sandbox.refusal import Refused
from sandbox.reply import Envelope, Reply
from sandbox.responses import respond
from sandbox.triggers import ResponseTarget
from sandbox.views import elements_of
from sandbox.web_api.call import check_view

_OK: JsonObject = {"ok": True}


class Act(NamedTuple):
    """The use of an element, with its raw value; `values` are those of all fields around it (block_id -> action_id)."""

    block_id: str
    action_id: str
    raw: Any
    values: JsonObject


class Interactions:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._payloads = Payloads(sandbox)
        self._offered: dict[str, list[JsonObject]] = {}  # options the app suggested, by action_id

    async def command(self, user: str, channel: Channel, command: str, text: str, thread_ts: str | None) -> JsonObject:
        if thread_ts:
            return _failed("command_in_thread")
        if command == "/invite":
            return self._invite(user, channel)
        declared = self._sandbox.manifest.command(command)
        if declared is None:
            return _failed("unknown_command")
        if declared.get("should_escape"):
            text = self._escaped(text, user)
        key = self._sandbox.response_urls.issue(user, channel.id)
        payload = self._payloads.command(user, channel.id, command, text.strip(), key)
        reply = await self._ask(Envelope("slash_commands", payload))
        target = ResponseTarget(user, channel.id, self._sandbox.clock.now())
        return _failure(reply) or self._carry_out(target, reply.body)

    async def act_on_message(self, user: str, message: Message, act: Act) -> JsonObject:
        """Also on an element that an earlier version of the message had: a client draws an edit a little later."""
        pressed = _pressed(message, act)
        if pressed is None:
            return _failed("element_not_found")
        element, shown = pressed
        values = self._values(shown["blocks"], act.values, {})
        action = self._act(element, act, values)
        return await self._interact(self._payloads.message_action(user, message, shown, action, values))

    async def act_in_view(self, user: str, view: JsonObject, act: Act) -> JsonObject:
        element = _find_element(view["blocks"], act.block_id, act.action_id)
        if element is None:
            return _failed("element_not_found")
        values = self._values(view["blocks"], act.values, view["state"]["values"])
        action = self._act(element, act, values)
        view["state"]["values"] = values
        return await self._interact(self._payloads.view_action(user, view, action))

    async def submit(self, user: str, view: JsonObject, values: JsonObject) -> JsonObject:
        view["state"]["values"] = self._values(view["blocks"], values, view["state"]["values"])
        if complaints := _complaints(view):
            return {"ok": False, "response_action": "errors", "errors": complaints}
        payload = self._payloads.view_submission(user, view)
        reply = await self._ask(Envelope("interactive", payload))
        failure = _failure(reply)
        if failure:
            return failure
        try:
            return self._after_submission(user, view, reply.body)
        except Refused as refusal:
            return _failed("operation_failed", detail=refusal.error, **refusal.facts)

    async def close(self, user: str, view: JsonObject, *, cleared: bool = False) -> JsonObject:
        """Close `view`, or with `cleared` the whole stack; the app hears of it where it asked to."""
        if cleared:
            self._sandbox.workspace.views.clear(user)
        else:
            self._sandbox.workspace.views.close(user, view)
        self._sandbox.workspace.show_views_changed(user)
        if view["notify_on_close"]:
            return await self._interact(self._payloads.view_closed(user, view, cleared=cleared))
        return _OK

    async def shortcut(self, user: str, callback_id: str, message: Message | None) -> JsonObject:
        shortcut = self._sandbox.manifest.shortcut(callback_id)
        if shortcut is None or (shortcut["type"] == "message") != (message is not None):
            return _failed("unknown_shortcut")
        if message is None:
            return await self._interact(self._payloads.global_shortcut(user, callback_id))
        return await self._interact(self._payloads.message_shortcut(user, callback_id, message))

    async def options(
        self, user: str, place: Message | JsonObject, block_id: str, action_id: str, value: str
    ) -> JsonObject:
        """What the app offers for an external select in a message or a view."""
        element = _find_element(_blocks_of(place), block_id, action_id)
        if element is None:
            return _failed("element_not_found") | {"options": []}
        payload = self._payloads.options(user, element, block_id, value, self._payloads.place_of(place))
        reply = await self._ask(Envelope("interactive", payload))
        body = reply.body if isinstance(reply.body, dict) else {}
        offered = body.get("options") or [each for group in body.get("option_groups", []) for each in group["options"]]
        self._offered[action_id] = offered
        groups = {"option_groups": body["option_groups"]} if "option_groups" in body else {}
        return (_failure(reply) or _OK) | {"options": offered} | groups

    def place_of_block(self, user: str, block_id: str) -> Message | JsonObject | None:
        """The view or message that shows the block to `user`; the newest where several do."""
        workspace = self._sandbox.workspace
        home = workspace.views.home(user)
        visible = workspace.channels_of(user)
        places: list[Message | JsonObject] = [*workspace.views.stack(user)[::-1], *([home] if home else [])]
        places += [each for channel in visible for each in workspace.messages.in_channel(channel.id)][::-1]
        shown = (place for place in places if any(block.get("block_id") == block_id for block in _blocks_of(place)))
        return next(shown, None)

    async def _ask(self, envelope: Envelope) -> Reply:
        fault = self._sandbox.faults.take("interaction")
        if fault and fault.kind == "delay":
            await self._sandbox.pause(fault.seconds)
        if fault and fault.kind == "expired_trigger" and "trigger_id" in envelope.payload:
            self._sandbox.triggers.expire(envelope.payload["trigger_id"])
        return await self._sandbox.deliveries.ask(envelope)

    async def _interact(self, payload: JsonObject) -> JsonObject:
        if not self._sandbox.manifest.interactivity:
            return _failed("interactivity_disabled")
        reply = await self._ask(Envelope("interactive", payload))
        return _failure(reply) or _OK

    def _escaped(self, text: str, user: str) -> str:
        workspace = self._sandbox.workspace
        return escaped_command(text, workspace.users.values(), workspace.channels_of(user))

    def _invite(self, user: str, channel: Channel) -> JsonObject:
        if BOT_USER_ID not in channel.members:
            self._sandbox.workspace.join(channel, BOT_USER_ID, inviter=user)
        return _OK

    def _carry_out(self, target: ResponseTarget, body: Any) -> JsonObject:
        """A command's answer may be empty, a sentence, or a message."""
        answer = {"text": body} if isinstance(body, str) else body
        if not isinstance(answer, dict) or not (answer.get("text") or answer.get("blocks")):
            return _OK
        try:
            respond(self._sandbox, target, answer)
        except Refused as refusal:
            return _failed("operation_failed", detail=refusal.error, **refusal.facts)
        return _OK

    def _after_submission(self, user: str, view: JsonObject, body: Any) -> JsonObject:
        answer = body if isinstance(body, dict) else {}
        action = answer.get("response_action")
        views = self._sandbox.workspace.views
        if action == "errors":
            return _shown_errors(view, answer.get("errors"))
        if action == "update":
            views.update(view, check_view(answer.get("view")))
        elif action == "push":
            views.push(user, check_view(answer.get("view")))
        elif action == "clear":
            views.clear(user)
        else:
            views.close(user, view)
        self._sandbox.workspace.show_views_changed(user)
        return {"ok": True, "response_action": action}

    def _act(self, element: JsonObject, act: Act, values: JsonObject) -> JsonObject:
        """The action to tell of; what it changes is written into `values`."""
        state = self._entered(element, act.raw)
        if state and is_stateful(element):
            values[act.block_id][act.action_id] = state
        return action_of(act.block_id, element, state, self._sandbox.ids.message_ts())

    def _values(self, blocks: list[JsonObject], entered: JsonObject, kept: JsonObject) -> JsonObject:
        """What every field holds: the raw value just `entered`, else the state `kept`, else what it showed at first."""
        values: JsonObject = {}
        for block in blocks:
            block_id = block["block_id"]
            for element in filter(is_stateful, elements_of(block)):
                state = self._state(element, entered.get(block_id) or {}, kept.get(block_id) or {})
                values.setdefault(block_id, {})[element["action_id"]] = state
        return values

    def _state(self, element: JsonObject, entered: JsonObject, kept: JsonObject) -> JsonObject:
        action_id = element["action_id"]
        if action_id in entered:
            return self._entered(element, entered[action_id]) or {}
        return kept.get(action_id) or initial_state(element)

    def _entered(self, element: JsonObject, raw: Any) -> JsonObject | None:
        """Raises Refused("invalid_value") for what nobody can enter there."""
        if not is_stateful(element) and element["type"] != "overflow":
            return None
        try:
            return entered_state(element, raw, self._offered.get(element["action_id"], []), self._file)
        except (TypeError, ValueError) as error:
            raise Refused("invalid_value", status=400) from error

    def _file(self, file_id: str) -> JsonObject | None:
        file = self._sandbox.workspace.files.find(file_id)
        return self._sandbox.workspace.files.as_slack(file) if file else None


def _blocks_of(place: Message | JsonObject) -> list[JsonObject]:
    body = place.body if isinstance(place, Message) else place
    blocks: list[JsonObject] = body.get("blocks", [])
    return blocks


def _find_element(blocks: list[JsonObject], block_id: str, action_id: str) -> JsonObject | None:
    for block in blocks:
        for element in elements_of(block):
            if block["block_id"] == block_id and element.get("action_id") == action_id:
                return element
    return None


def _pressed(message: Message, act: Act) -> tuple[JsonObject, JsonObject] | None:
    """The element and the newest version that shows it; with the value that was sent, where there is one."""
    found = []
    for version in message.versions():
        element = _find_element(version.get("blocks", []), act.block_id, act.action_id)
        found += [(element, version)] if element else []
    exact = [pair for pair in found if act.raw is None or pair[0].get("value") == act.raw]
    return next(iter([*exact, *found]), None)


def _complaints(view: JsonObject) -> JsonObject:
    """What Slack's client itself says of the inputs, by block_id."""
    complaints: JsonObject = {}
    for block in view["blocks"]:
        for element in filter(is_stateful, elements_of(block) if block["type"] == "input" else ()):
            state = view["state"]["values"][block["block_id"]][element["action_id"]]
            sentence = complaint(element, state, optional=block.get("optional", False))
            complaints |= {block["block_id"]: sentence} if sentence else {}
    return complaints


def _shown_errors(view: JsonObject, errors: Any) -> JsonObject:
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        return _failed("operation_failed", detail="errors has to name input blocks of the view")
    return {"ok": False, "response_action": "errors", "errors": errors}


def _failure(reply: Reply) -> JsonObject | None:
    if reply.failure is None:
        return None
    return _failed("operation_timeout" if reply.failure == "http_timeout" else "operation_failed")


def _failed(error: str, **facts: Any) -> JsonObject:
    return {"ok": False, "error": error, **facts}
