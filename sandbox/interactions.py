"""What people do with the app: commands, buttons, modals, shortcuts. Sent to the app, and its answer carried out.

Every method answers as the people's API does: `{"ok": true, ...}`, or `ok` false with the `error` a person is shown.
"""

from typing import Any

from sandbox.assembly import Sandbox
from sandbox.directory import BOT_USER_ID, Channel
from sandbox.element_values import action_of, complaint, entered_state, initial_state, is_stateful
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.payloads import Payloads
from sandbox.refusal import Refused
from sandbox.reply import Envelope, Reply
from sandbox.responses import respond
from sandbox.triggers import ResponseTarget
from sandbox.views import elements_of
from sandbox.web_api.call import check_view

_OK: JsonObject = {"ok": True}


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
        if self._sandbox.manifest.command(command) is None:
            return _failed("unknown_command")
        key = self._sandbox.response_urls.issue(user, channel.id)
        payload = self._payloads.command(user, channel.id, command, text.strip(), key)
        reply = await self._ask(Envelope("slash_commands", payload))
        target = ResponseTarget(user, channel.id, self._sandbox.clock.now())
        return _failure(reply) or self._carry_out(target, reply.body)

    async def act_on_message(self, user: str, message: Message, block_id: str, action_id: str, raw: Any) -> JsonObject:
        blocks = message.body.get("blocks", [])
        element = _find_element(blocks, block_id, action_id)
        if element is None:
            return _failed("element_not_found")
        state = self._entered(element, raw)
        values = {block_id: {action_id: state}} if state and is_stateful(element) else {}
        action = action_of(block_id, element, state, self._sandbox.ids.message_ts())
        payload = self._payloads.message_action(user, message, action, _initial_values(blocks) | values)
        return await self._interact(payload)

    async def act_in_view(self, user: str, view: JsonObject, block_id: str, action_id: str, raw: Any) -> JsonObject:
        element = _find_element(view["blocks"], block_id, action_id)
        if element is None:
            return _failed("element_not_found")
        state = self._entered(element, raw)
        if state and is_stateful(element):
            view["state"]["values"].setdefault(block_id, {})[action_id] = state
        action = action_of(block_id, element, state, self._sandbox.ids.message_ts())
        return await self._interact(self._payloads.view_action(user, view, action))

    async def submit(self, user: str, view: JsonObject, values: JsonObject) -> JsonObject:
        complaints = self._fill(view, values)
        if complaints:
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
        visible = [channel for channel in workspace.channels.values() if channel.is_visible_to(user)]
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

    def _fill(self, view: JsonObject, values: JsonObject) -> JsonObject:
        """Write what was entered into the view's state; the complaints of Slack's client, by block_id."""
        complaints: JsonObject = {}
        for block in view["blocks"]:
            for element in filter(is_stateful, elements_of(block)):
                state = self._state(view, block["block_id"], element, values)
                view["state"]["values"].setdefault(block["block_id"], {})[element["action_id"]] = state
                sentence = complaint(element, state, optional=block.get("optional", False))
                if sentence and block["type"] == "input":
                    complaints[block["block_id"]] = sentence
        return complaints

    def _state(self, view: JsonObject, block_id: str, element: JsonObject, values: JsonObject) -> JsonObject:
        entered = values.get(block_id) or {}
        if element["action_id"] in entered:
            return self._entered(element, entered[element["action_id"]]) or {}
        kept: JsonObject | None = view["state"]["values"].get(block_id, {}).get(element["action_id"])
        return kept or initial_state(element)

    def _entered(self, element: JsonObject, raw: Any) -> JsonObject | None:
        if not is_stateful(element) and element["type"] != "overflow":
            return None
        return entered_state(element, raw, self._offered.get(element["action_id"], []), self._file)

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


def _initial_values(blocks: list[JsonObject]) -> JsonObject:
    values: JsonObject = {}
    for block in blocks:
        stateful = [each for each in elements_of(block) if "action_id" in each and is_stateful(each)]
        if stateful:
            values[block["block_id"]] = {each["action_id"]: initial_state(each) for each in stateful}
    return values


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
