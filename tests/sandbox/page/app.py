"""A small real app for the page to be used with: every way an app answers a person, over Socket Mode."""

import re

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

MANIFEST = """
display_information: {name: Triage}
features:
  bot_user: {display_name: Triage, always_online: true}
  app_home: {home_tab_enabled: true}
  slash_commands:
    - {command: /incident, description: Open an incident, usage_hint: "<title>"}
  shortcuts:
    - {name: Open an incident, type: global, callback_id: open_incident, description: Asks for a title}
    - {name: Triage this message, type: message, callback_id: triage_message, description: Reads it}
oauth_config:
  scopes:
    bot: [app_mentions:read, channels:history, channels:read, chat:write, commands, files:read, files:write, im:write, pins:write, reactions:write]
settings:
  event_subscriptions: {bot_events: [app_home_opened, app_mention]}
  interactivity: {is_enabled: true}
  socket_mode_enabled: true
"""


def plain(text):
    return {"type": "plain_text", "text": text}


def option(text, value):
    return {"text": plain(text), "value": value}


def button(text, action_id, **more):
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def card(title, *, acknowledged_by=None):
    confirm = {
        "title": plain("Resolve?"),
        "text": plain("It is closed for everyone."),
        "confirm": plain("Resolve"),
        "deny": plain("Not yet"),
    }
    buttons = [
        button("Acknowledge", "ack", style="primary", value="1"),
        button("Resolve", "resolve", style="danger", confirm=confirm),
        {"type": "overflow", "action_id": "more", "options": [option("Rename", "rename"), option("Close", "close")]},
    ]
    state = f"Acknowledged by <@{acknowledged_by}>" if acknowledged_by else "Triggered"
    return [
        {"type": "header", "block_id": "title", "text": plain(title)},
        {"type": "section", "block_id": "state", "text": {"type": "mrkdwn", "text": state}},
        {"type": "actions", "block_id": "buttons", "elements": buttons},
    ]


def entry(block_id, label, element, **more):
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": block_id, **element},
        **more,
    }


def modal(title="Open an incident"):
    severities = [option("SEV1", "sev1"), option("SEV2", "sev2")]
    return {
        "type": "modal",
        "callback_id": "incident",
        "title": plain(title),
        "submit": plain("Open"),
        "close": plain("Cancel"),
        "blocks": [
            entry("title", "Title", {"type": "plain_text_input"}),
            entry("severity", "Severity", {"type": "static_select", "options": severities}, optional=True),
            entry("who", "Responders", {"type": "multi_users_select", "placeholder": plain("People")}, optional=True),
            entry(
                "service",
                "Service",
                {"type": "external_select", "min_query_length": 1, "placeholder": plain("Search")},
                optional=True,
            ),
            entry(
                "impact",
                "Impact",
                {"type": "radio_buttons", "options": [option("Customers", "customers"), option("Staff", "staff")]},
                optional=True,
            ),
            entry(
                "tags",
                "Tags",
                {"type": "checkboxes", "options": [option("Data loss", "data"), option("Security", "security")]},
                optional=True,
            ),
            entry("since", "Since", {"type": "datepicker"}, optional=True),
            entry("logs", "Logs", {"type": "file_input"}, optional=True),
        ],
    }


def home(opened):
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain(f"Seen {opened} times")},
            {"type": "actions", "elements": [button("Refresh", "refresh")]},
        ],
    }


class SmallApp:
    """`heard` keeps what the app was told, in order, as (what, payload)."""

    def __init__(self, sandbox):
        self.heard = []
        self._homes = 0
        self._sandbox = sandbox
        self.client = AsyncWebClient(token=sandbox.config.bot_token, base_url=sandbox.api_url)
        self.bolt = AsyncApp(client=self.client, process_before_response=True)
        for listen in (self._commands, self._actions, self._views, self._rest):
            listen()
        self._sockets = AsyncSocketModeHandler(self.bolt, sandbox.config.app_token)

    async def __aenter__(self):
        await self._sockets.connect_async()
        return self

    async def __aexit__(self, *_):
        await self._sockets.close_async()

    def last(self, what):
        return next(payload for name, payload in reversed(self.heard) if name == what)

    def _commands(self):
        @self.bolt.command("/incident")
        async def incident(ack, command, client):
            self.heard.append(("command", command))
            if command["text"] == "private":
                await ack(text="Only you read *this*.", response_type="ephemeral")
            elif command["text"]:
                await ack()
                await client.chat_postMessage(
                    channel=command["channel_id"], text=command["text"], blocks=card(command["text"])
                )
            else:
                await client.views_open(trigger_id=command["trigger_id"], view=modal())
                await ack()

    def _actions(self):
        @self.bolt.action("ack")
        async def acknowledge(ack, body, client):
            self.heard.append(("action", body))
            await ack()
            blocks = card("Checkout is down", acknowledged_by=body["user"]["id"])
            await client.chat_update(
                channel=body["channel"]["id"], ts=body["message"]["ts"], text="Acknowledged", blocks=blocks
            )

        @self.bolt.action({"action_id": "refresh"})
        async def refresh(ack, body, client):
            await ack()
            await self._publish(client, body["user"]["id"])

        @self.bolt.action(re.compile(""))
        async def other(ack, body):
            self.heard.append(("action", body))
            await ack()

    def _views(self):
        @self.bolt.view("incident")
        async def submitted(ack, view, body):
            self.heard.append(("view", body))
            title = view["state"]["values"]["title"]["title"]["value"]
            if title == "bad":
                await ack(response_action="errors", errors={"title": "That says <b>nothing</b>."})
            elif title == "push":
                await ack(response_action="push", view=modal("Step two"))
            elif title == "update":
                await ack(response_action="update", view=modal("Changed"))
            else:
                await ack()

    def _rest(self):
        @self.bolt.event("app_home_opened")
        async def opened(event, client):
            await self._publish(client, event["user"])

        @self.bolt.event("app_mention")
        async def mentioned(event):
            self.heard.append(("mention", event))

        @self.bolt.shortcut("open_incident")
        async def globally(ack, body, client):
            await client.views_open(trigger_id=body["trigger_id"], view=modal())
            await ack()

        @self.bolt.shortcut("triage_message")
        async def on_message(ack, body):
            self.heard.append(("shortcut", body))
            await ack()

        @self.bolt.options("service")
        async def services(ack, body):
            names = ["checkout", "catalog", "payments"]
            await ack(options=[option(name.title(), name) for name in names if name.startswith(body["value"])])

    async def _publish(self, client, user):
        self._homes += 1
        await client.views_publish(user_id=user, view=home(self._homes))
