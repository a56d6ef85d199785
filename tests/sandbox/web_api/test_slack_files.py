"""Pictures of one's own in a message: once Slack has looked at them, and only pictures."""

import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.web_api.test_chat import refused

CHANNEL = "C0INCIDENTS"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50


async def uploaded(api, http, body=PNG, name="rates.png"):
    """A file of the app's, shared nowhere; its id."""
    ticket = await api.files_getUploadURLExternal(filename=name, length=len(body))
    await http.post(ticket["upload_url"], content=body)
    await api.files_completeUploadExternal(files=[{"id": ticket["file_id"], "title": name}])
    return ticket["file_id"]


def picture(**slack_file):
    return {"type": "image", "alt_text": "rates", "slack_file": slack_file}


@pytest.mark.asyncio
async def test_a_file_has_no_type_until_it_is_processed(api, http, sandbox):
    file = await uploaded(api, http)
    shown = (await api.files_info(file=file))["file"]
    assert (shown["mimetype"], shown["filetype"], shown["pretty_type"]) == ("", "", "")
    sandbox.clock.advance(sandbox.config.processing_seconds)
    assert (await api.files_info(file=file))["file"]["mimetype"] == "image/png"


@pytest.mark.asyncio
async def test_a_picture_is_refused_until_it_is_processed(api, http, sandbox):
    file = await uploaded(api, http)
    message = {"channel": CHANNEL, "text": "rates", "blocks": [picture(id=file)]}
    answer = await refused(api.chat_postMessage, **message)
    assert (answer["error"], answer["errors"]) == (
        "invalid_blocks",
        ["invalid slack file [json-pointer:/blocks/0/slack_file]"],
    )
    sandbox.clock.advance(sandbox.config.processing_seconds)
    posted = await api.chat_postMessage(**message)
    assert posted["message"]["blocks"][0]["slack_file"] == {"id": file}


@pytest.mark.asyncio
async def test_an_edit_may_bring_it_and_is_refused_alike(api, http, sandbox):
    posted = await api.chat_postMessage(channel=CHANNEL, text="rates")
    file = await uploaded(api, http)
    edit = {"channel": CHANNEL, "ts": posted["ts"], "text": "rates", "blocks": [picture(id=file)]}
    assert (await refused(api.chat_update, **edit))["error"] == "invalid_blocks"
    sandbox.clock.advance(sandbox.config.processing_seconds)
    assert (await api.chat_update(**edit))["ok"]


@pytest.mark.asyncio
async def test_the_file_may_be_named_by_its_address(api, http, sandbox):
    file = await uploaded(api, http)
    sandbox.clock.advance(sandbox.config.processing_seconds)
    shown = (await api.files_info(file=file))["file"]
    for url in (shown["url_private"], shown["permalink"]):
        assert (await api.chat_postMessage(channel=CHANNEL, text="rates", blocks=[picture(url=url)]))["ok"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        (lambda image: {"type": "context", "elements": [image]}, "/blocks/0/elements/0/slack_file"),
        (
            lambda image: {"type": "section", "text": {"type": "plain_text", "text": "a"}, "accessory": image},
            "/blocks/0/accessory/slack_file",
        ),
    ],
)
async def test_it_is_found_wherever_a_picture_may_be(api, place, pointer):
    blocks = [place(picture(id="F0NOTHERE00"))]
    answer = await refused(api.chat_postMessage, channel=CHANNEL, text="a", blocks=blocks)
    assert answer["errors"] == [f"invalid slack file [json-pointer:{pointer}]"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("slack_file", "sentence"),
    [
        ({"id": "f1"}, "input must match regex pattern: ^[F][A-Z0-9]{8,}$ [json-pointer:/blocks/0/slack_file/id]"),
        ({"id": "F0NOTHERE00", "url": "x"}, "must provide either id or url [json-pointer:/blocks/0/slack_file]"),
        ({}, "must provide either id or url [json-pointer:/blocks/0/slack_file]"),
        ({"url": "http://elsewhere.example/a.png"}, "invalid slack file [json-pointer:/blocks/0/slack_file]"),
    ],
)
async def test_what_names_no_file_is_refused(api, slack_file, sentence):
    # As a dict that Slack's own models do not look at: an empty one is missing to them.
    blocks = [{"type": "image", "alt_text": "a", "slack_file": slack_file, "image_url": "http://127.0.0.1/a.png"}]
    answer = await refused(api.chat_postMessage, channel=CHANNEL, text="a", blocks=blocks)
    assert answer["errors"] == [sentence]


@pytest.mark.asyncio
async def test_only_pictures_are_taken_whatever_their_names_say(api, http, sandbox):
    file = await uploaded(api, http, body=b"no picture at all", name="rates.png")
    sandbox.clock.advance(sandbox.config.processing_seconds)
    answer = await refused(api.chat_postMessage, channel=CHANNEL, text="a", blocks=[picture(id=file)])
    assert answer["error"] == "invalid_blocks"


@pytest.mark.asyncio
async def test_a_deleted_picture_is_refused(api, http, sandbox):
    file = await uploaded(api, http)
    sandbox.clock.advance(sandbox.config.processing_seconds)
    await api.files_delete(file=file)
    answer = await refused(api.chat_postMessage, channel=CHANNEL, text="a", blocks=[picture(id=file)])
    assert answer["error"] == "invalid_blocks"


@pytest.mark.asyncio
async def test_somebody_elses_picture_needs_to_be_where_the_app_is(api, people):
    shared = (await people.upload(("a.png", PNG)))["files"][0]["id"]
    assert (await api.chat_postMessage(channel=CHANNEL, text="a", blocks=[picture(id=shared)]))["ok"]
    hidden = (await people.upload(("a.png", PNG), channel="C0PRIVATE"))["files"][0]["id"]
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await api.chat_postMessage(channel=CHANNEL, text="a", blocks=[picture(id=hidden)])
