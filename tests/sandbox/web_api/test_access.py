import httpx
import pytest
from slack_sdk.errors import SlackApiError

from sandbox.web_api import METHODS


async def call(http, method, token=None, **arguments):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return await http.post(f"/api/{method}", json=arguments, headers=headers)


@pytest.mark.asyncio
async def test_tokens_are_checked(http, sandbox):
    config = sandbox.config
    assert (await call(http, "auth.test")).json() == {"ok": False, "error": "not_authed"}
    assert (await call(http, "auth.test", "xoxb-other")).json()["error"] == "invalid_auth"
    assert (await call(http, "auth.test", config.app_token)).json()["error"] == "not_allowed_token_type"
    assert (await call(http, "apps.connections.open", config.bot_token)).json()["error"] == "not_allowed_token_type"
    assert (await call(http, "auth.test", config.bot_token)).json()["bot_id"]
    assert (await call(http, "chat.sing", config.bot_token)).json() == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "chat.sing",
    }


@pytest.mark.asyncio
async def test_a_missing_scope_is_named_with_what_is_there(http, sandbox):
    sandbox.access.scopes[:] = ["files:read", "channels:read"]
    response = await call(http, "chat.postMessage", sandbox.config.bot_token, channel="C0INCIDENTS", text="a")
    assert response.json() == {
        "ok": False,
        "error": "missing_scope",
        "needed": "chat:write",
        "provided": "files:read,channels:read",
    }
    assert response.headers["x-oauth-scopes"] == "files:read,channels:read"
    assert response.headers["x-accepted-oauth-scopes"] == "chat:write"


@pytest.mark.asyncio
async def test_every_method_that_needs_a_scope_refuses_without_it(http, sandbox):
    sandbox.access.scopes.clear()
    for method in METHODS.values():
        answer = (await call(http, method.name, sandbox.config.bot_token)).json()
        assert (answer["error"] == "missing_scope") == bool(method.scopes) if not answer["ok"] else not method.scopes


@pytest.mark.asyncio
async def test_a_body_that_is_no_json(http, sandbox):
    headers = {"authorization": f"Bearer {sandbox.config.bot_token}", "content-type": "application/json"}
    assert (await http.post("/api/auth.test", content=b"{", headers=headers)).json()["error"] == "invalid_json"
    assert (await http.post("/api/auth.test", content=b"[]", headers=headers)).json()["error"] == "json_not_object"


@pytest.mark.asyncio
async def test_people_teams_and_bots(api):
    assert (await api.users_info(user="U0ALICE"))["user"]["profile"]["display_name"] == "Alice"
    assert len((await api.users_list())["members"]) == 5
    assert (await api.bots_info())["bot"]["name"] == "Triage"
    assert (await api.team_info())["team"]["domain"] == "sandbox"
    with pytest.raises(SlackApiError, match="user_not_found"):
        await api.users_info(user="U0NOBODY")


@pytest.mark.asyncio
async def test_reactions_and_pins(api, people):
    message = await people.say("hello")
    where = {"channel": "C0INCIDENTS", "timestamp": message["ts"]}
    await api.reactions_add(name="eyes", **where)
    for call_again, error in (
        (api.reactions_add(name="eyes", **where), "already_reacted"),
        (api.reactions_remove(name="tada", **where), "no_reaction"),
        (api.reactions_add(name="No Emoji", **where), "invalid_name"),
        (api.pins_remove(**where), "no_pin"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await call_again
    assert (await api.reactions_get(**where))["message"]["reactions"][0]["count"] == 1
    await api.pins_add(**where)
    with pytest.raises(SlackApiError, match="already_pinned"):
        await api.pins_add(**where)
    assert [item["message"]["text"] for item in (await api.pins_list(channel="C0INCIDENTS"))["items"]] == ["hello"]
    await api.pins_remove(**where)
    await api.reactions_remove(name="eyes", **where)
    assert "reactions" not in (await people.messages())[0]


@pytest.mark.asyncio
async def test_tokens_never_show_in_the_traffic_log(http, sandbox, people):
    form = {"token": sandbox.config.bot_token, "text": sandbox.config.bot_token, "channel": "C0INCIDENTS"}
    await http.post("/api/chat.postMessage", data=form)
    entries = (await people.get("traffic"))["entries"]
    assert entries[0]["summary"] == "chat.postMessage: ok"
    assert sandbox.config.bot_token not in str(entries)


@pytest.mark.asyncio
async def test_a_name_that_someone_pointed_here_is_turned_away(sandbox):
    async with httpx.AsyncClient(base_url=sandbox.url) as client:
        assert (await client.get("/people/state", headers={"host": "evil.example"})).status_code == 400
        from_elsewhere = {"origin": "http://evil.example"}
        assert (await client.post("/people/home", json={"user": "U0ALICE"}, headers=from_elsewhere)).status_code == 403
        own = {"origin": sandbox.url}
        assert (await client.post("/people/home", json={"user": "U0ALICE"}, headers=own)).status_code == 200
