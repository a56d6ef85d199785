"""A body over the limit is refused in one sentence, whether its length was declared or only came to light."""

import pytest

from tests.support.running_bot import api_client, settings_for

pytestmark = pytest.mark.asyncio
LIMITS = {"max_request_bytes": 100_000, "max_upload_bytes": 150_000}
REFUSALS = {
    "/incidents": "The body is larger than the limit of 100,000 bytes (TRIAGE_MAX_REQUEST_BYTES).",
    "/incidents/x/logs": "The body is larger than the limit of 150,000 bytes (TRIAGE_MAX_UPLOAD_BYTES).",
}
FORM = {"content-type": "multipart/form-data; boundary=b", "authorization": ""}
BODY = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.log"\r\n\r\n' + b"x" * 400_000


@pytest.mark.parametrize("path", REFUSALS)
@pytest.mark.parametrize("is_declared", [True, False])
async def test_a_body_over_the_limit_is_refused_in_our_sentence(tmp_path, migrated_sqlite_url, path, is_declared):
    async def chunks():
        for start in range(0, len(BODY), 50_000):
            yield BODY[start : start + 50_000]

    async with api_client(settings_for(tmp_path, migrated_sqlite_url, **LIMITS), work=False) as client:
        answer = await client.post(path, content=BODY if is_declared else chunks(), headers=FORM)
        assert (answer.status_code, answer.json()) == (413, {"detail": REFUSALS[path]})
