import time

import httpx
import pytest
from slack_sdk.errors import SlackApiError


async def call(http, sandbox, method="chat.postMessage", **arguments):
    headers = {"authorization": f"Bearer {sandbox.config.bot_token}"}
    body = {"channel": "C0INCIDENTS", "text": "hello", **arguments}
    return await http.post(f"/api/{method}", json=body, headers=headers)


@pytest.mark.asyncio
async def test_a_status_and_its_retry_after(people, http, sandbox):
    await people.post("faults", target="chat.postMessage", kind="status", status=429, retry_after_seconds=7)
    response = await call(http, sandbox)
    assert (response.status_code, response.headers["retry-after"], response.json()["error"]) == (
        429,
        "7",
        "ratelimited",
    )
    assert (await call(http, sandbox)).json()["ok"]


@pytest.mark.asyncio
async def test_count_and_other_targets(people, http, sandbox):
    await people.post("faults", target="chat.postMessage", kind="status", status=503, count=2)
    assert (await call(http, sandbox, "auth.test")).status_code == 200
    assert [(await call(http, sandbox)).status_code for _ in range(3)] == [503, 503, 200]
    assert await people.get("faults") == {"ok": True, "faults": []}


@pytest.mark.asyncio
async def test_an_error_of_slack(people, api):
    await people.post("faults", target="chat.postMessage", kind="error", error="fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        await api.chat_postMessage(channel="C0INCIDENTS", text="hello")


@pytest.mark.asyncio
async def test_a_reset_comes_before_the_work_and_a_lost_answer_after(people, http, sandbox):
    await people.post("faults", target="chat.postMessage", kind="reset")
    with pytest.raises(httpx.ReadError):
        await call(http, sandbox)
    assert await people.messages() == []
    await people.post("faults", target="chat.postMessage", kind="lost")
    with pytest.raises(httpx.ReadError):
        await call(http, sandbox)
    assert [message["text"] for message in await people.messages()] == ["hello"]


@pytest.mark.asyncio
async def test_a_hanging_call_ends_in_a_reset(people, http, sandbox):
    await people.post("faults", target="chat.postMessage", kind="timeout", seconds=0.05)
    with pytest.raises(httpx.ReadError):
        await call(http, sandbox)
    assert await people.messages() == []


@pytest.mark.asyncio
async def test_downloads_cut_off_slow_and_redirected(people, http, sandbox):
    upload = await people.upload(("a.log", b"0123456789" * 100))
    url = upload["files"][0]["url_private_download"]
    headers = {"authorization": f"Bearer {sandbox.config.bot_token}"}
    await people.post("faults", target="download", kind="truncated")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await http.get(url, headers=headers)
    await people.post("faults", target="download", kind="slow", seconds=0.2)
    started = time.monotonic()
    slow = await http.get(url, headers=headers)
    assert slow.content == b"0123456789" * 100
    assert time.monotonic() - started >= 0.2
    await people.post("faults", target="download", kind="redirect", location="http://127.0.0.1:1/elsewhere")
    assert (await http.get(url, headers=headers)).headers["location"] == "http://127.0.0.1:1/elsewhere"


@pytest.mark.asyncio
async def test_a_fault_that_makes_no_sense_is_refused(people):
    answer = await people.post("faults", expecting=400, target="delivery", kind="redirect")
    assert answer["detail"] == "delivery knows the faults duplicate, delay, lost, not redirect"
    await people.post("faults", expecting=400, target="download", kind="status", flavour="sour")
    await people.post("faults", expecting=400, target="download", kind="status", count="many")
    assert await people.get("faults") == {"ok": True, "faults": []}


@pytest.mark.asyncio
async def test_faults_can_be_taken_back_and_show_in_the_log(people, http, sandbox):
    await people.post("faults", target="auth.test", kind="status", status=500, count=5)
    await call(http, sandbox, "auth.test")
    assert "auth.test: fault status" in [entry.summary for entry in sandbox.traffic.entries]
    response = await http.delete("/people/faults")
    assert response.json()["faults"] == []
    assert (await call(http, sandbox, "auth.test")).status_code == 200


def test_probability_is_chance_that_repeats():
    from sandbox.clock import Clock
    from sandbox.faults import Faults
    from sandbox.ids import Ids

    faults = Faults(Ids(Clock()), seed=3)
    faults.add("auth.test", "reset", count=1000, probability=0.5)
    struck = sum(faults.take("auth.test") is not None for _ in range(200))
    assert 70 < struck < 130
