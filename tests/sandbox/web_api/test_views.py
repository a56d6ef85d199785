import pytest
from slack_sdk.errors import SlackApiError

from sandbox.web_api.views import METHODS


def plain(text):
    return {"type": "plain_text", "text": text}


def modal(title="Open", **more):
    return {"type": "modal", "title": plain(title), "blocks": [{"type": "divider"}], **more}


HOME = {"type": "home", "blocks": [{"type": "divider"}]}


@pytest.fixture
def trigger(sandbox):
    return lambda user="U0ALICE": sandbox.triggers.issue(user)


async def refused(awaitable):
    with pytest.raises(SlackApiError) as caught:
        await awaitable
    return caught.value.response


async def titles(people, **query):
    return [view["title"]["text"] for view in (await people.get("views", **query))["stack"]]


@pytest.mark.asyncio
async def test_a_modal_is_opened_for_the_person_whose_trigger_it_was(api, people, trigger):
    view = (await api.views_open(trigger_id=trigger(), view=modal(callback_id="open")))["view"]
    assert (view["callback_id"], view["root_view_id"]) == ("open", view["id"])
    assert view["blocks"][0]["block_id"]
    assert await titles(people) == ["Open"]
    assert await titles(people, user="U0BOB") == []


@pytest.mark.asyncio
async def test_a_trigger_opens_one_modal_within_three_seconds(api, sandbox, trigger):
    spent, late = trigger(), trigger()
    await api.views_open(trigger_id=spent, view=modal())
    assert (await refused(api.views_open(trigger_id=spent, view=modal())))["error"] == "exchanged_trigger_id"
    sandbox.clock.advance(3.5)
    assert (await refused(api.views_open(trigger_id=late, view=modal())))["error"] == "expired_trigger_id"
    assert (await refused(api.views_open(trigger_id="1.2", view=modal())))["error"] == "invalid_trigger_id"


@pytest.mark.asyncio
async def test_three_modals_lie_on_each_other(api, people, trigger):
    await api.views_open(trigger_id=trigger(), view=modal("one"))
    await api.views_push(trigger_id=trigger(), view=modal("two"))
    top = (await api.views_push(trigger_id=trigger(), view=modal("three")))["view"]
    assert (await refused(api.views_push(trigger_id=trigger(), view=modal("four"))))["error"] == "push_limit_reached"
    assert await titles(people) == ["one", "two", "three"]
    await people.post("view_close", view_id=top["id"])
    assert await titles(people) == ["one", "two"]


@pytest.mark.asyncio
async def test_an_update_on_a_stale_hash_is_a_conflict(api, people, trigger):
    view = (await api.views_open(trigger_id=trigger(), view=modal(external_id="mine")))["view"]
    await api.views_update(external_id="mine", hash=view["hash"], view=modal("new", external_id="mine"))
    stale = await refused(api.views_update(view_id=view["id"], hash=view["hash"], view=modal("newer")))
    assert stale["error"] == "hash_conflict"
    assert await titles(people) == ["new"]
    assert (await refused(api.views_update(view_id="V0", view=modal())))["error"] == "not_found"


@pytest.mark.asyncio
async def test_an_external_id_is_taken_once(api, trigger):
    await api.views_open(trigger_id=trigger(), view=modal(external_id="mine"))
    again = await refused(api.views_open(trigger_id=trigger("U0BOB"), view=modal(external_id="mine")))
    assert again["error"] == "duplicate_external_id"


@pytest.mark.asyncio
async def test_a_faulty_view_is_refused_with_pointers_and_keeps_the_trigger(api, trigger):
    trigger_id = trigger()
    answer = await refused(api.views_open(trigger_id=trigger_id, view=modal("x" * 25)))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert (await api.views_open(trigger_id=trigger_id, view=modal()))["ok"]


@pytest.mark.asyncio
async def test_the_home_is_published_and_replaced(api, people):
    first = (await api.views_publish(user_id="U0ALICE", view=HOME))["view"]
    second = (await api.views_publish(user_id="U0ALICE", view=HOME, hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    assert (await people.get("views"))["home"]["hash"] == second["hash"]
    assert (await people.get("views", user="U0BOB"))["home"] is None
    assert (await refused(api.views_publish(user_id="U0ALICE", view=modal())))["error"] == "invalid_arguments"


def test_all_four_methods_are_there():
    assert {method.name for method in METHODS} == {"views.open", "views.push", "views.update", "views.publish"}
