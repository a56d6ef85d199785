"""The main job from end to end: slash, modal, card, upload, report, acknowledge; both transports, both databases."""

import asyncio

import pytest
import pytest_asyncio

from tests.support.workplace import ALICE, BOB, CAROL, buttons_of, text_of, workplace

pytestmark = pytest.mark.asyncio

LOG = (
    b"".join(b"2026-03-01 10:00:%02d INFO  web: GET /cart 200 in %d ms\n" % (n % 60, n % 40) for n in range(3000))
    + b"2026-03-01 10:51:07 ERROR pool: connection pool exhausted, 20 of 20 in use <!channel>\n" * 4
)


@pytest_asyncio.fixture(params=["http", "socket"])
async def place(request, tmp_path, migrated_url):
    async with workplace(tmp_path, migrated_url, mode=request.param) as place:
        yield place


async def test_slash_modal_card_upload_report_acknowledge(place):
    assert (await place.command(""))["ok"]
    modal = await place.modal()
    refused = await place.submit(modal, {"title": {"title": "x"}, "severity": {"severity": "sev2"}})
    assert refused["response_action"] == "errors"
    assert "too short" in refused["errors"]["title"]
    accepted = await place.submit(modal, {"title": {"title": "checkout is failing"}, "severity": {"severity": "sev2"}})
    assert accepted["ok"], accepted
    card = await place.card(status="triggered")
    assert "SEV2" in text_of(card)
    assert "checkout is failing" in text_of(card)

    await place.upload(("app.log", LOG), thread_ts=card["ts"])
    report = await place.triage(card)
    assert "app.log:3001" in text_of(report)
    assert "connection pool exhausted, 20 of 20 in use &lt;!channel&gt;" in text_of(report)
    assert "<!channel>" not in text_of(report)

    assert (await place.press(card, "incident_acknowledge", user=BOB))["ok"]
    card = await place.card(status="acknowledged")
    assert f"Acknowledged by <@{BOB}>" in text_of(card)
    assert "incident_acknowledge" not in buttons_of(card)


async def test_two_presses_at_once_count_once_and_the_later_one_is_answered_kindly(place):
    card = await place.open_incident()
    presses = [place.press(card, "incident_acknowledge", user=user) for user in (BOB, CAROL)]
    assert all(answer["ok"] for answer in await asyncio.gather(*presses))
    card = await place.card(status="acknowledged")
    first = BOB if f"Acknowledged by <@{BOB}>" in text_of(card) else CAROL
    second = CAROL if first == BOB else BOB
    await place.whisper(f"INC-1 was acknowledged by <@{first}> already; nothing changed.", user=second)
    assert text_of(await place.card()) == text_of(card)


async def test_a_press_on_a_card_that_is_out_of_date_is_answered_kindly_and_changes_nothing(place):
    stale = await place.open_incident()
    await place.press(stale, "incident_acknowledge", user=BOB)
    await place.press(await place.card(status="acknowledged"), "incident_resolve", user=BOB)
    card = await place.card(status="resolved")
    assert (await place.press(stale, "incident_acknowledge", user=CAROL))["ok"]
    await place.whisper("INC-1 is resolved already; nothing changed.", user=CAROL)
    assert (await place.press(stale, "incident_escalate", user=CAROL))["ok"]
    await place.whisper("INC-1 is resolved already; nothing changed.", user=CAROL)
    assert text_of(await place.card()) == text_of(card)


async def test_one_upload_is_counted_once_though_slack_sends_two_events(place):
    card = await place.open_incident()
    await place.upload(("one.log", LOG), ("two.log", b"nothing to see\n" * 50), thread_ts=card["ts"])
    report = await place.triage(card)
    assert "2 files" in text_of(report)
    runs = (await place.http.get(f"http://127.0.0.1:{port_of(place)}/incidents")).json()
    incident = runs["items"][0]
    runs = (await place.http.get(f"http://127.0.0.1:{port_of(place)}/incidents/{incident['id']}/triage")).json()
    assert runs["total"] == 1


def port_of(place) -> int:
    return place.bot.state.parts.settings.port


async def test_the_mention_is_answered_in_the_thread(place):
    card = await place.open_incident()
    bot = place.sandbox.workspace.bot_user_id if hasattr(place.sandbox.workspace, "bot_user_id") else "U0TRIAGEBOT"
    await place.say(f"<@{bot}> help", thread_ts=card["ts"])

    async def answered():
        return [t for t in await place.thread_texts(card) if "What I do" in t]

    assert len(await place.until(answered)) == 1


async def test_the_commands_about_one_incident(place):
    await place.open_incident()
    await place.command("status INC-1")
    await place.whisper("*INC-1* SEV1 checkout is failing")
    await place.command("list")
    await place.command("ack inc-1", user=BOB)
    await place.card(status="acknowledged")
    await place.command("resolve INC-1", user=BOB)
    card = await place.card(status="resolved")
    assert buttons_of(card) == ["incident_reopen"]
    await place.press(card, "incident_reopen", user=CAROL)
    await place.card(status="acknowledged")
    await place.command("resolve INC-1", user=BOB)
    await place.card(status="resolved")
    await place.command("ack INC-9")
    await place.whisper("There is no incident INC-9")
    await place.command("list")
    await place.whisper("No incident is open")
    await place.command("help")
    await place.whisper("What I do")


async def test_escalate_calls_somebody_in(place):
    card = await place.open_incident()
    await place.press(card, "incident_escalate", user=BOB)
    modal = await place.modal(user=BOB)
    values = {"target": {"target": CAROL}, "note": {"note": "payments are down\nplease look"}}
    assert (await place.submit(modal, values, user=BOB))["ok"]

    async def called():
        return [t for t in await place.thread_texts(card) if t.startswith(f"<@{CAROL}>: <@{BOB}> calls you in")]

    said = await place.until(called)
    assert "> please look" in said[0]


async def test_a_second_upload_is_read_with_the_first(place):
    card = await place.open_incident()
    await place.upload(("one.log", LOG), thread_ts=card["ts"])
    await place.triage(card)
    await place.upload(("two.log", b"2026-03-01 10:00:00 INFO fine\n" * 100), thread_ts=card["ts"], user=BOB)
    assert "app" not in text_of(await place.triage(card, saying="2 files"))
    living = [m for m in await place.messages(thread_ts=card["ts"]) if m["text"].startswith("Triage of")]
    assert len(living) == 1

    async def said():
        return [text for text in await place.thread_texts(card) if text.startswith("Nothing new in `two.log`")]

    assert len(await place.until(said)) == 1


async def test_right_and_wrong_are_noted_and_rerun_reads_again(place):
    card = await place.open_incident()
    await place.upload(("app.log", LOG), thread_ts=card["ts"])
    report = await place.triage(card)
    await place.press(report, "triage_right", user=ALICE)
    await place.whisper("noted that the first finding is right", thread_ts=card["ts"])
    await place.triage(card, saying="1 person says this is right.")
    await place.press(report, "triage_wrong", user=BOB)
    await place.triage(card, saying="1 person says this is right; 1 person says this is wrong.")
    await place.press(report, "triage_right", user=BOB)
    await place.whisper("noted that the first finding is right instead", user=BOB, thread_ts=card["ts"])
    await place.triage(card, saying="2 people say this is right.")
    await place.press(report, "triage_right", user=BOB)
    await place.whisper("You said already that the first finding is right", user=BOB, thread_ts=card["ts"])
    await place.press(report, "triage_templates")
    assert "web: GET" in str((await place.modal())["blocks"])
    await place.press(report, "triage_rerun")

    async def reread():
        url = f"http://127.0.0.1:{port_of(place)}/incidents"
        incident = (await place.http.get(url)).json()["items"][0]["id"]
        runs = (await place.http.get(f"{url}/{incident}/triage")).json()["items"]
        return len(runs) == 2 and runs[0]["state"] == "succeeded"

    await place.until(reread)

    async def shown_anew():
        return "people say" not in text_of(await place.triage(card))

    await place.until(shown_anew)
    before = next(each["value"] for each in report["blocks"][-1]["elements"] if each["action_id"] == "triage_wrong")
    await place.press(report, "triage_wrong", user=CAROL, value=before)  # on the message as it was: that run is judged
    await place.whisper("noted that the first finding is wrong", user=CAROL, thread_ts=card["ts"])
    assert "wrong." not in text_of(await place.triage(card))
