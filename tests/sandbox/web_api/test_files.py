import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.recording_app import until

CHANNEL = "C0INCIDENTS"


def bearer(sandbox):
    return {"authorization": f"Bearer {sandbox.config.bot_token}"}


async def refusal(awaitable):
    with pytest.raises(SlackApiError) as caught:
        await awaitable
    return caught.value.response["error"]


@pytest.mark.asyncio
async def test_the_client_library_uploads_into_a_thread(api, app, people, sandbox, http):
    root = await people.say("root")
    answer = await api.files_upload_v2(
        channel=CHANNEL, thread_ts=root["ts"], filename="report.txt", content="all of it", initial_comment="the report"
    )
    assert answer["files"][0]["shares"] == {}
    await until(lambda: app.of_type("file_shared"))
    reply = (await people.messages(thread_ts=root["ts"]))[1]
    assert (reply["text"], reply["subtype"], reply["files"][0]["name"]) == ("the report", "file_share", "report.txt")
    shown = (await api.files_info(file=reply["files"][0]["id"]))["file"]
    assert shown["shares"]["public"][CHANNEL][0]["ts"] == reply["ts"]
    download = await http.get(shown["url_private_download"], headers=bearer(sandbox))
    assert download.text == "all of it"


@pytest.mark.asyncio
async def test_a_file_in_a_thread_tells_which_thread(api, people):
    root = await people.say("root")
    upload = await people.upload(("a.log", b"a"), thread_ts=root["ts"])
    later = await people.say("seen", thread_ts=root["ts"], user="U0BOB")
    shown = (await api.files_info(file=upload["files"][0]["id"]))["file"]
    assert shown["shares"] == {
        "public": {
            CHANNEL: [
                {
                    "ts": upload["message"]["ts"],
                    "thread_ts": root["ts"],
                    "reply_count": 2,
                    "reply_users": ["U0ALICE", "U0BOB"],
                    "reply_users_count": 2,
                    "latest_reply": later["ts"],
                    "channel_name": "incidents",
                    "team_id": "T0SANDBOX",
                }
            ]
        }
    }
    assert (shown["channels"], shown["is_public"]) == ([CHANNEL], True)


@pytest.mark.asyncio
async def test_a_file_in_no_thread_has_a_place_without_one(api, people):
    upload = await people.upload(("a.log", b"a"))
    shown = (await api.files_info(file=upload["files"][0]["id"]))["file"]
    [place] = shown["shares"]["public"][CHANNEL]
    assert (place["ts"], place["reply_count"]) == (upload["message"]["ts"], 0)
    assert "thread_ts" not in place


@pytest.mark.asyncio
async def test_a_multipart_upload_is_taken_too(api, http):
    ticket = await api.files_getUploadURLExternal(filename="a.log", length=3)
    posted = await http.post(ticket["upload_url"], files={"file": ("a.log", b"abc")})
    assert posted.text == "OK - 3"
    completed = await api.files_completeUploadExternal(files=[{"id": ticket["file_id"], "title": "A log"}])
    assert (completed["files"][0]["title"], completed["files"][0]["size"]) == ("A log", 3)


@pytest.mark.asyncio
async def test_what_cannot_be_completed(api, http):
    ticket = await api.files_getUploadURLExternal(filename="a.log", length=3)
    assert await refusal(api.files_completeUploadExternal(files=[{"id": ticket["file_id"]}])) == "file_not_found"
    assert await refusal(api.files_info(file=ticket["file_id"])) == "file_not_found"
    assert await refusal(api.files_getUploadURLExternal(filename="a.log", length=0)) == "invalid_arguments"
    assert (await http.post("/upload/v1/made-up", content=b"abc")).status_code == 404
    await http.post(ticket["upload_url"], content=b"abc")
    assert (await http.post(ticket["upload_url"], content=b"abc")).status_code == 404


@pytest.mark.asyncio
async def test_a_download_has_type_and_length(people, http, sandbox):
    answer = await people.upload(("app.log", b"one\ntwo\n"), ("logs.tar.gz", b"\x1f\x8b"), ("core", b"\x7fELF"))
    responses = [await http.get(file["url_private_download"], headers=bearer(sandbox)) for file in answer["files"]]
    types = [response.headers["content-type"].split(";")[0] for response in responses]
    assert types == ["text/plain", "application/x-gzip", "application/octet-stream"]
    assert [response.headers["content-length"] for response in responses] == ["8", "2", "4"]
    assert responses[0].content == b"one\ntwo\n"


@pytest.mark.asyncio
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer xoxb-wrong"}])
async def test_without_the_token_a_download_is_the_login_page(people, http, headers):
    [file] = (await people.upload(("a.log", b"secret")))["files"]
    response = await http.get(file["url_private_download"], headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert b"secret" not in response.content
    assert b"Sign in" in response.content


@pytest.mark.asyncio
async def test_without_the_scope_a_download_is_the_login_page(people, http, sandbox):
    [file] = (await people.upload(("a.log", b"secret")))["files"]
    sandbox.access.scopes.remove("files:read")
    response = await http.get(file["url_private_download"], headers=bearer(sandbox))
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.asyncio
async def test_a_deleted_file_is_gone_everywhere(people, http, sandbox, api, app):
    [file] = (await people.upload(("a.log", b"secret")))["files"]
    assert await refusal(api.files_delete(file=file["id"])) == "cant_delete_file"
    await people.post("delete", expecting=403, user="U0BOB", file=file["id"])
    await people.post("delete", file=file["id"])
    assert (await http.get(file["url_private_download"], headers=bearer(sandbox))).status_code == 404
    assert await refusal(api.files_info(file=file["id"])) == "file_deleted"
    assert (await people.messages())[0]["files"] == [{"id": file["id"], "mode": "tombstone"}]
    await until(lambda: app.of_type("file_deleted"))
    assert [*sandbox.workspace.files.find(file["id"]).path.parent.iterdir()] == []


@pytest.mark.asyncio
async def test_names_people_should_not_have_chosen(people, http, sandbox):
    for name in ("../../etc/passwd", "a b&c?.log", "*bold* <!channel>.log", "ünï.log"):
        [file] = (await people.upload((name, b"abc")))["files"]
        assert file["name"] == name
        response = await http.get(file["url_private_download"], headers=bearer(sandbox))
        assert response.content == b"abc"
        assert sandbox.workspace.files.find(file["id"]).path.name == file["id"]


@pytest.mark.asyncio
async def test_a_range_resumes_a_download(people, http, sandbox):
    [file] = (await people.upload(("a.log", b"0123456789")))["files"]
    response = await http.get(file["url_private_download"], headers={**bearer(sandbox), "range": "bytes=6-"})
    assert (response.status_code, response.content) == (206, b"6789")
