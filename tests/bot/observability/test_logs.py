"""What a record looks like when it was written, and what never gets there."""

import asyncio
import io
import itertools
import json
import logging
import sys
import threading
import warnings

import pytest
import structlog

from bot.observability.logs import configure_logging, make_handler, secrets_of
from bot.settings import Settings

BOT_TOKEN = "xoxb-111-222-visiblyfaketoken"
APP_TOKEN = "xapp-1-A111-visiblyfaketoken"
SIGNING_SECRET = "00112233445566778899aabbccddeeff"
PASSWORD = "hunter2hunter2"
NUMBERS = itertools.count()


@pytest.fixture
def settings(tmp_path):
    return Settings(
        _env_file=None,
        data_dir=tmp_path,
        slack_bot_token=BOT_TOKEN,
        slack_app_token=APP_TOKEN,
        slack_signing_secret=SIGNING_SECRET,
        database_url=f"postgresql://triage:{PASSWORD}@db.example.com/triage",
        api_token="a-long-api-token",
    )


def own_logger():
    """One that only the handlers of the test hear."""
    log = logging.getLogger(f"test.{next(NUMBERS)}")
    log.propagate = False
    log.setLevel(logging.DEBUG)
    return log


def fail(text):
    raise ValueError(text)


@pytest.fixture
def written(settings):
    """A logger of the test's own, and what it has written: JSON records, or the console's text."""

    def start(*, as_json=True):
        stream = io.StringIO()
        log = own_logger()
        log.addHandler(make_handler(stream, as_json=as_json, secrets=secrets_of(settings)))

        def read():
            lines = stream.getvalue().splitlines()
            return [json.loads(line) for line in lines] if as_json else lines

        return log, read

    return start


def test_a_record_says_when_where_and_how_grave(written):
    log, records = written()
    log.warning("worker %s stopped", "w-1", extra={"jobs": 3})
    (record,) = records()
    assert record.pop("timestamp").endswith("Z")
    assert record == {"event": "worker w-1 stopped", "level": "warning", "logger": log.name, "jobs": 3}


def test_what_is_bound_is_on_every_line_of_its_task_and_on_no_other(written):
    log, records = written()

    async def job(run_id):
        with structlog.contextvars.bound_contextvars(run_id=run_id):
            await asyncio.sleep(0)
            log.info("reading")
        log.info("after")

    async def both():
        await asyncio.gather(job("R1"), job("R2"))

    asyncio.run(both())
    by_event = sorted((record["event"], record.get("run_id")) for record in records() if record["event"] == "reading")
    assert by_event == [("reading", "R1"), ("reading", "R2")]
    assert all("run_id" not in record for record in records() if record["event"] == "after")


SECRETS = {
    "a bot token": (f"calling with {BOT_TOKEN}", BOT_TOKEN),
    "somebody's token": ("calling with xoxp-999-888-visiblyfake", "xoxp-999"),
    "the app token": (f"opening {APP_TOKEN}", APP_TOKEN),
    "the signing secret, which has no shape": (f"signed by {SIGNING_SECRET}.", SIGNING_SECRET),
    "the API token": ("the caller gave a-long-api-token", "a-long-api-token"),
    "the database's password alone": (f"login of triage with {PASSWORD} failed", PASSWORD),
    "a database's password in an address": ("postgresql://x:swordfish99@h/d refused", "swordfish99"),
    "a bearer header": ("{'Authorization': 'Bearer abcdef0123456789'}", "abcdef0123456789"),
    "any authorization header": ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    "a signature": ("X-Slack-Signature: v0=0123456789abcdef", "0123456789abcdef"),
    "a socket's ticket": ("wss://wss-primary.slack.com/link/?ticket=1234-5678&app_id=A1", "1234-5678"),
    "an address to answer to": ("https://hooks.slack.com/commands/T1/2/qwertyuiop", "qwertyuiop"),
    "an address to upload to": ("POST https://files.slack.com/upload/v1/CwABAAAAXgoA", "CwABAAAAXgoA"),
}


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
def test_a_secret_is_never_written(written, text, secret, as_json):
    log, read = written(as_json=as_json)
    log.error(text)
    log.error("it was %s", text)
    log.error("beside", extra={"detail": text, "facts": {"nested": [text]}})
    with structlog.contextvars.bound_contextvars(bound=text):
        log.error("bound")
    try:
        fail(text)
    except ValueError as error:
        log.exception("raised", extra={"error": error})
    output = str(read())
    assert secret not in output
    assert output.count("redacted") >= 6


@pytest.mark.parametrize("as_json", [True, False])
def test_text_from_elsewhere_forges_no_line_and_paints_nothing(written, as_json):
    hostile = (
        "upload\n2026-01-01T00:00:00Z [info] all is well\r\x1b[2J\x1b[31mred\u202eesrever\u200b\u2028end\x9b1m\ud800"
    )
    log, read = written(as_json=as_json)
    log.warning("no file named %s", hostile, extra={"name_of_file": hostile})
    with structlog.contextvars.bound_contextvars(uploader=hostile):
        log.warning("again")
    assert len(read()) == 2
    output = json.dumps(read(), ensure_ascii=False) if as_json else "\n".join(read())
    assert all(char.isprintable() or char == "\n" for char in output)
    assert "all is well" in output


def test_the_lines_of_a_traceback_stand_apart_from_records(written):
    log, read = written(as_json=False)
    try:
        fail("first\n2026-01-01T00:00:00Z [info     ] forged\x1b[31m")
    except ValueError:
        log.exception("failed")
    first, *rest = read()
    assert "failed" in first
    assert rest
    assert all(line.startswith("  ") for line in rest)
    assert "\x1b" not in "".join(rest)


def test_a_large_text_is_cut_and_of_a_traceback_the_end_is_kept(written):
    log, records = written()
    try:
        fail("x" * 1_000_000 + "the end")
    except ValueError:
        log.exception("y" * 1_000_000)
    (record,) = records()
    assert len(json.dumps(record)) < 50_000
    assert record["exception"].endswith("the end")


def test_a_record_that_cannot_be_rendered_is_named_and_not_shown(written, capsys):
    log, records = written()
    log.error("%d files", BOT_TOKEN)
    (record,) = records()
    assert record["event"].startswith(f"a record of {log.name} at test_logs.py:")
    assert capsys.readouterr().err == ""


def test_a_stream_that_is_gone_stops_nothing(capsys):
    class Gone(io.StringIO):
        def write(self, _text):
            raise BrokenPipeError

    log = own_logger()
    log.addHandler(make_handler(Gone(), as_json=True))
    log.error("nobody reads this")
    assert capsys.readouterr().err == ""


@pytest.fixture
def configured(settings, monkeypatch):
    """The process's own logging as the commands set it up, with a stream of the test's for standard error."""
    root, quiet = logging.getLogger(), logging.getLogger("httpx")
    former = root.handlers[:], root.level, quiet.level, sys.excepthook
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)

    def configure(stream, **changes):
        monkeypatch.setattr(sys, "stderr", stream)
        configure_logging(settings.model_copy(update=changes))

    yield configure
    root.handlers[:], sys.excepthook = former[0], former[3]
    root.setLevel(former[1])
    quiet.setLevel(former[2])
    logging.captureWarnings(capture=False)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "log_format", "as_json"),
    [
        (io.StringIO, "auto", True), (Terminal, "auto", False), (io.StringIO, "console", False), (Terminal, "json", True),
    ],
)  # fmt: skip
def test_people_get_text_and_programs_get_json(configured, stream, log_format, as_json):
    stream = stream()
    configured(stream, log_format=log_format)
    logging.getLogger("bot.test").info("listening")
    assert stream.getvalue().startswith("{") == as_json
    assert ("\x1b[" in stream.getvalue()) == (isinstance(stream, Terminal) and not as_json)


def test_what_libraries_and_warnings_say_goes_the_same_way(configured):
    stream = io.StringIO()
    configured(stream)
    logging.getLogger("httpx").info("a request that worked")
    logging.getLogger("httpx").warning("a request that failed, of %s", BOT_TOKEN)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this will change", DeprecationWarning, stacklevel=1)
    sys.excepthook(ValueError, ValueError(BOT_TOKEN), None)
    thread = threading.Thread(target=fail, args=(BOT_TOKEN,))
    thread.start()
    thread.join()
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [record["logger"] for record in records] == ["httpx", "py.warnings", *["bot.observability.logs"] * 2]
    assert BOT_TOKEN not in stream.getvalue()


def test_the_durable_engine_writes_no_lines_of_its_own(tmp_path):
    """It brings a handler, if nobody was there before it."""
    import subprocess

    program = (
        "import logging\n"
        "from bot.observability.logs import configure_logging\n"
        "from bot.settings import Settings\n"
        "configure_logging(Settings(_env_file=None, data_dir='.', log_format='json'))\n"
        "import dbos\n"
        "dbos.DBOS(config={'name': 'test', 'system_database_url': 'sqlite:///engine.db'})\n"
        "logging.getLogger('dbos').error('of the engine')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True,
        env={"PYTHONPATH": str(__import__("pathlib").Path(__file__).parents[3])},
    )  # fmt: skip
    events = [json.loads(line)["event"] for line in run.stderr.splitlines()]
    assert events.count("of the engine") == 1
