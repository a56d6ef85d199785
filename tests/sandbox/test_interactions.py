import json
import time

import httpx
import pytest
import pytest_asyncio

from sandbox.refusal import Refused
from tests.sandbox.recording_app import until

CHANNEL = "C0INCIDENTS"


def plain(text):
    return {"type": "plain_text", "text": text}


def choice(*values):
    return [{"text": plain(value.upper()), "value": value} for value in values]


def entry(block_id, element, **more):
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": {"action_id": "it", **element},
        **more,
    }


TEXT = {"type": "plain_text_input"}
FORM = {
    "type": "modal",
    "title": plain("Open"),
    "submit": plain("Go"),
    "callback_id": "open",
    "private_metadata": "kept",
    "blocks": [
        entry("title", {**TEXT, "min_length": 3}),
        entry(
            "severity",
            {"type": "static_select", "options": choice("sev1", "sev2"), "initial_option": choice("sev2")[0]},
        ),
        entry("who", {"type": "multi_users_select"}, optional=True),
        entry("when", {"type": "datetimepicker"}, optional=True),
        entry("flags", {"type": "checkboxes", "options": choice("page", "status")}, optional=True),
        entry("count", {"type": "number_input", "is_decimal_allowed": False, "max_value": "9"}, optional=True),
        entry("logs", {"type": "file_input"}, optional=True),
        entry("mail", {"type": "email_text_input"}, optional=True),
        entry("page", {"type": "url_text_input"}, optional=True),
    ],
}
BUTTONS = {
    "type": "actions",
    "block_id": "card",
    "elements": [
        {"type": "button", "action_id": "acknowledge", "value": "INC-1", "text": plain("Acknowledge")},
        {"type": "overflow", "action_id": "more", "options": choice("escalate", "resolve")},
        {"type": "static_select", "action_id": "severity", "options": choice("sev1", "sev2")},
        {"type": "external_select", "action_id": "service", "min_query_length": 0},
    ],
}


@pytest_asyncio.fixture
async def opened(sandbox, api):
    view = (await api.views_open(trigger_id=sandbox.triggers.issue("U0ALICE"), view=FORM))["view"]
    return view["id"]


async def submit(people, view_id, **values):
    raw = {block_id: {"it": value} for block_id, value in values.items()}
    return await people.post("view_submit", view_id=view_id, values=raw)


async def stack(people):
    return [view["title"]["text"] for view in (await people.get("views"))["stack"]]


@pytest.mark.asyncio
async def test_a_command_reaches_the_app_as_a_form(app, people, sandbox):
    assert await people.post("command", channel=CHANNEL, command="/incident", text=" db down sev1 ") == {"ok": True}
    fields = app.deliveries[0].payload
    assert (fields["command"], fields["text"]) == ("/incident", "db down sev1")
    assert (fields["user_id"], fields["user_name"], fields["channel_name"]) == ("U0ALICE", "alice", "incidents")
    assert sandbox.triggers.spend(fields["trigger_id"]) == "U0ALICE"


@pytest.mark.asyncio
async def test_a_trigger_can_be_made_to_arrive_expired(app, people, sandbox):
    await people.post("faults", target="interaction", kind="expired_trigger")
    await people.post("command", channel=CHANNEL, command="/incident", text="")
    with pytest.raises(Refused, match="expired_trigger_id"):
        sandbox.triggers.spend(app.deliveries[0].payload["trigger_id"])
    await people.post("faults", target="interaction", kind="delay", seconds=0.1)
    asked = time.monotonic()
    await people.post("command", channel=CHANNEL, command="/incident", text="")
    assert time.monotonic() - asked >= 0.1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "reader", "seen"),
    [
        ({"text": "only you"}, "U0BOB", []),
        ({"text": "only you"}, "U0ALICE", ["only you"]),
        ({"response_type": "in_channel", "text": "everyone"}, "U0BOB", ["everyone"]),
    ],
)
async def test_the_answer_to_a_command_is_shown(app, people, answer, reader, seen):
    app.answers = [answer]
    await people.post("command", channel="C0GENERAL", command="/incident", text="")
    assert [message["text"] for message in await people.messages(channel="C0GENERAL", user=reader)] == seen


@pytest.mark.asyncio
async def test_commands_that_never_leave(app, people):
    root = await people.say("root")
    await until(lambda: app.deliveries)
    in_thread = await people.post("command", channel=CHANNEL, command="/incident", text="", thread_ts=root["ts"])
    assert in_thread == {"ok": False, "error": "command_in_thread"}
    unknown = await people.post("command", channel=CHANNEL, command="/dance", text="")
    assert unknown == {"ok": False, "error": "unknown_command"}
    assert len(app.deliveries) == 1


@pytest.mark.asyncio
async def test_a_button_on_a_message(app, people, sandbox, api):
    posted = await api.chat_postMessage(channel=CHANNEL, text="card", blocks=[BUTTONS])
    press = {"channel": CHANNEL, "ts": posted["ts"], "block_id": "card", "action_id": "acknowledge"}
    assert await people.post("action", user="U0BOB", **press) == {"ok": True}
    payload = next(each.payload for each in app.deliveries if each.payload.get("type") == "block_actions")
    [action] = payload["actions"]
    assert (action["type"], action["action_id"], action["value"]) == ("button", "acknowledge", "INC-1")
    assert (payload["user"]["id"], payload["message"]["ts"], payload["channel"]["id"]) == (
        "U0BOB",
        posted["ts"],
        CHANNEL,
    )
    assert payload["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": CHANNEL,
        "is_ephemeral": False,
    }


@pytest.mark.asyncio
async def test_menus_on_a_message_carry_what_was_chosen(app, people, api):
    posted = await api.chat_postMessage(channel=CHANNEL, text="card", blocks=[BUTTONS])
    where = {"channel": CHANNEL, "ts": posted["ts"], "block_id": "card"}
    await people.post("action", **where, action_id="more", value="resolve")
    await people.post("action", **where, action_id="severity", value="sev1")
    payloads = [each.payload for each in app.deliveries if each.payload.get("type") == "block_actions"]
    chosen = [payload["actions"][0]["selected_option"]["value"] for payload in payloads]
    assert chosen == ["resolve", "sev1"]
    assert payloads[1]["state"]["values"]["card"]["severity"]["selected_option"]["value"] == "sev1"


@pytest.mark.asyncio
async def test_an_element_that_is_not_there(people, api):
    posted = await api.chat_postMessage(channel=CHANNEL, text="card", blocks=[BUTTONS])
    where = {"channel": CHANNEL, "ts": posted["ts"], "block_id": "card"}
    assert (await people.post("action", **where, action_id="destroy"))["error"] == "element_not_found"


@pytest.mark.asyncio
async def test_external_options_come_from_the_app(app, people, api):
    await api.chat_postMessage(channel=CHANNEL, text="card", blocks=[BUTTONS])
    await until(lambda: app.deliveries)
    app.answers = [{"options": choice("payments")}]
    offered = await people.get("options", block_id="card", action_id="service", value="pay")
    assert offered == {"ok": True, "options": choice("payments")}
    payload = app.deliveries[-1].payload
    assert (payload["type"], payload["value"], payload["action_id"]) == ("block_suggestion", "pay", "service")
    ts = (await people.messages())[0]["ts"]
    await people.post("action", channel=CHANNEL, ts=ts, block_id="card", action_id="service", value="payments")
    assert app.deliveries[-1].payload["actions"][0]["selected_option"] == choice("payments")[0]


@pytest.mark.asyncio
async def test_a_submission_carries_every_value_in_slacks_form(app, people, opened):
    [log] = (await people.upload(("a.log", b"a"), channel=""))["files"]
    answer = await submit(
        people, opened, title="db down", who=["U0BOB"], when="1700000000", flags=["page"], count="7", logs=[log["id"]]
    )
    assert answer == {"ok": True, "response_action": None}
    view = app.deliveries[-1].payload["view"]
    values = {block_id: actions["it"] for block_id, actions in view["state"]["values"].items()}
    assert values["title"] == {"type": "plain_text_input", "value": "db down"}
    assert values["severity"]["selected_option"]["value"] == "sev2"
    assert values["who"]["selected_users"] == ["U0BOB"]
    assert values["when"]["selected_date_time"] == 1700000000
    assert [each["value"] for each in values["flags"]["selected_options"]] == ["page"]
    assert values["count"]["value"] == "7"
    assert values["logs"]["files"][0]["id"] == log["id"]
    assert (view["callback_id"], view["private_metadata"]) == ("open", "kept")
    assert await stack(people) == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"title": ""}, {"title": "Please complete this required field."}),
        ({"title": "db"}, {"title": "This entry needs at least 3 characters."}),
        ({"title": "down", "count": "many"}, {"count": "Please enter a whole number."}),
        ({"title": "down", "count": "10"}, {"count": "This number must be at most 9."}),
        ({"title": "down", "mail": "alice"}, {"mail": "Please enter a valid email address."}),
        ({"title": "down", "mail": "alice@example"}, {"mail": "Please enter a valid email address."}),
        ({"title": "down", "page": "example.com"}, {"page": "Please enter a valid URL."}),
        ({"title": "down", "page": "https://"}, {"page": "Please enter a valid URL."}),
    ],
)
async def test_what_slacks_client_itself_refuses(app, people, opened, values, errors):
    answer = await submit(people, opened, **values)
    assert answer == {"ok": False, "response_action": "errors", "errors": errors}
    assert app.deliveries == []
    assert await stack(people) == ["Open"]


@pytest.mark.asyncio
async def test_addresses_that_are_some_are_taken(app, people, opened):
    good = {"mail": "alice.meyer+oncall@mail.example.org", "page": "https://status.example.org/incidents?id=1"}
    assert (await submit(people, opened, title="down", **good))["ok"]
    state = app.deliveries[-1].payload["view"]["state"]["values"]
    assert {name: state[name]["it"]["value"] for name in good} == good


@pytest.mark.asyncio
async def test_errors_of_the_app_are_shown_in_place(app, people, opened):
    app.answers = [{"response_action": "errors", "errors": {"title": "Too vague"}}]
    answer = await submit(people, opened, title="it broke")
    assert answer == {"ok": False, "response_action": "errors", "errors": {"title": "Too vague"}}
    assert await stack(people) == ["Open"]


@pytest.mark.asyncio
async def test_errors_for_a_block_that_is_not_there(app, people, opened):
    app.answers = [{"response_action": "errors", "errors": {"titel": "Too vague"}}]
    assert (await submit(people, opened, title="it broke"))["error"] == "operation_failed"


@pytest.mark.asyncio
async def test_an_answer_updates_pushes_or_clears(app, people, opened):
    bigger = {"type": "modal", "title": plain("Next"), "blocks": [{"type": "divider"}]}
    app.answers = [{"response_action": "push", "view": bigger}]
    assert (await submit(people, opened, title="it broke"))["response_action"] == "push"
    assert await stack(people) == ["Open", "Next"]
    app.answers = [{"response_action": "update", "view": {**bigger, "title": plain("Changed")}}]
    assert (await submit(people, opened, title="it broke"))["ok"]
    assert await stack(people) == ["Changed", "Next"]
    app.answers = [{"response_action": "clear"}]
    await submit(people, opened)
    assert await stack(people) == []


@pytest.mark.asyncio
async def test_an_answer_with_a_faulty_view_fails_and_keeps_the_modal(app, people, opened):
    app.answers = [{"response_action": "update", "view": {"type": "modal", "blocks": []}}]
    answer = await submit(people, opened, title="it broke")
    assert (answer["error"], answer["detail"]) == ("operation_failed", "invalid_arguments")
    assert await stack(people) == ["Open"]


@pytest.mark.asyncio
async def test_a_submission_that_is_not_acknowledged_keeps_the_modal(app, people, opened):
    app.answers = [1.0]
    assert (await submit(people, opened, title="it broke"))["error"] == "operation_timeout"
    assert await stack(people) == ["Open"]


@pytest.mark.asyncio
async def test_an_action_in_a_view_keeps_its_state(app, people, sandbox, api):
    view = {"type": "modal", "title": plain("Pick"), "blocks": [{**BUTTONS, "elements": BUTTONS["elements"][2:3]}]}
    view_id = (await api.views_open(trigger_id=sandbox.triggers.issue("U0ALICE"), view=view))["view"]["id"]
    await people.post("action", view_id=view_id, block_id="card", action_id="severity", value="sev1")
    payload = app.deliveries[-1].payload
    assert payload["container"] == {"type": "view", "view_id": view_id}
    assert payload["view"]["state"]["values"]["card"]["severity"]["selected_option"]["value"] == "sev1"
    stranger = await people.post(
        "action", expecting=404, user="U0BOB", view_id=view_id, block_id="card", action_id="severity"
    )
    assert stranger["error"] == "view_not_found"


@pytest.mark.asyncio
async def test_an_action_in_a_view_tells_what_the_other_fields_hold(app, people, sandbox, api):
    view = {**FORM, "blocks": [*FORM["blocks"], {**BUTTONS, "elements": BUTTONS["elements"][:1]}]}
    view_id = (await api.views_open(trigger_id=sandbox.triggers.issue("U0ALICE"), view=view))["view"]["id"]
    values = {"title": {"it": "half a ti"}, "who": {"it": ["U0BOB"]}, "gone": {"it": "x"}}
    where = {"view_id": view_id, "block_id": "card", "action_id": "acknowledge"}
    await people.post("action", **where, values=values)
    state = app.deliveries[-1].payload["view"]["state"]["values"]
    assert state["title"]["it"]["value"] == "half a ti"
    assert state["who"]["it"]["selected_users"] == ["U0BOB"]
    assert state["severity"]["it"]["selected_option"]["value"] == "sev2"
    assert "gone" not in state
    await people.post("action", **where)
    assert app.deliveries[-1].payload["view"]["state"]["values"]["title"]["it"]["value"] == "half a ti"


@pytest.mark.asyncio
async def test_an_action_on_a_message_tells_what_the_other_fields_hold(app, people, api):
    posted = await api.chat_postMessage(channel=CHANNEL, text="card", blocks=[BUTTONS])
    press = {"channel": CHANNEL, "ts": posted["ts"], "block_id": "card", "action_id": "acknowledge"}
    await people.post("action", **press, values={"card": {"severity": "sev1", "service": None}})
    payload = app.deliveries[-1].payload
    state = payload["state"]["values"]["card"]
    assert state["severity"]["selected_option"]["text"] == plain("SEV1")
    assert state["service"]["selected_option"] is None
    assert payload["actions"][0]["action_id"] == "acknowledge"


@pytest.mark.asyncio
@pytest.mark.parametrize("values", [[1], {"card": "x"}, {"card": {"severity": "sev1"}, "other": 3}])
async def test_values_of_no_shape_are_refused(people, api, values):
    posted = await api.chat_postMessage(channel=CHANNEL, text="card", blocks=[BUTTONS])
    press = {"channel": CHANNEL, "ts": posted["ts"], "block_id": "card", "action_id": "acknowledge"}
    assert (await people.post("action", expecting=400, **press, values=values))["error"] == "invalid_values"


@pytest.mark.asyncio
@pytest.mark.parametrize("values", [{"when": "tomorrow"}, {"logs": 3}, {"flags": 1}])
async def test_a_value_nobody_can_enter_is_refused(people, opened, values):
    raw = {block_id: {"it": value} for block_id, value in values.items()}
    answer = await people.post("view_submit", expecting=400, view_id=opened, values=raw)
    assert answer["error"] == "invalid_value"


@pytest.mark.asyncio
@pytest.mark.parametrize("notify", [True, False])
async def test_closing_is_told_where_it_was_asked_for(app, people, sandbox, api, notify):
    view = {**FORM, "notify_on_close": notify}
    view_id = (await api.views_open(trigger_id=sandbox.triggers.issue("U0ALICE"), view=view))["view"]["id"]
    await people.post("view_close", view_id=view_id)
    assert [each.payload["type"] for each in app.deliveries] == (["view_closed"] if notify else [])
    assert await stack(people) == []


@pytest.mark.asyncio
async def test_closing_the_whole_stack(app, people, sandbox, api):
    view = {**FORM, "notify_on_close": True}
    await api.views_open(trigger_id=sandbox.triggers.issue("U0ALICE"), view=view)
    top = (await api.views_push(trigger_id=sandbox.triggers.issue("U0ALICE"), view=view))["view"]
    await people.post("view_close", view_id=top["id"], all=True)
    assert [each.payload["is_cleared"] for each in app.deliveries] == [True]
    assert await stack(people) == []


@pytest.mark.asyncio
async def test_response_urls_post_replace_and_delete(app, people, sandbox, api):
    posted = await api.chat_postMessage(channel=CHANNEL, text="card", blocks=[BUTTONS])
    press = {"channel": CHANNEL, "ts": posted["ts"], "block_id": "card", "action_id": "acknowledge"}
    await people.post("action", **press)
    url = app.deliveries[-1].payload["response_url"]
    async with httpx.AsyncClient() as client:

        async def respond(**answer):
            return (await client.post(url, content=json.dumps(answer))).status_code

        assert await respond(text="for you") == 200
        assert await respond(text="changed", replace_original=True) == 200
        assert [each["text"] for each in await people.messages()] == ["changed", "for you"]
        assert await respond(blocks=[{"type": "sction"}]) == 400
        assert await respond() == 400
        assert await respond(delete_original=True) == 200
        assert await respond(text="a sixth time") == 404
    assert [each["text"] for each in await people.messages()] == ["for you"]
    assert await people.messages(user="U0BOB") == []


@pytest.mark.asyncio
async def test_an_ephemeral_message_is_dismissed_by_its_reader(app, people, api):
    await api.chat_postEphemeral(channel=CHANNEL, user="U0ALICE", text="psst")
    [message] = await people.messages()
    await people.post("delete", expecting=404, user="U0BOB", channel=CHANNEL, ts=message["ts"])
    await people.post("delete", channel=CHANNEL, ts=message["ts"])
    assert await people.messages() == []
