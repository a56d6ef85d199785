"""What the engine itself reports of logs of all sorts: a message Slack takes, one line on what changed, a clean terminal."""

import re
from random import Random

import pytest

from bot.slack.blocks.changes import change_text
from bot.slack.blocks.triage import triage_blocks, triage_text
from bot.terminal.report_view import report_lines
from sandbox.block_kit import characters, message_problems
from services.triage.changes import change_between
from services.triage.report import NamedFile, analyze_files
from tests.bot.slack.blocks import stories
from tests.bot.slack.blocks.hostile import assert_only_ours, markup_texts
from tests.bot.slack.blocks.test_triage import MESSAGE_CHARS, UPDATE_TEXT_CHARS
from tests.fuzz.hostile_lines import lines as hostile_lines

# What a terminal obeys or what turns text around; a tab is only room.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]")


def stamped(second, text):
    return f"2026-03-01 10:{second // 60 % 60:02d}:{second % 60:02d} {text}"


def ordinary(count=120):
    return [stamped(second, f"INFO web: GET /cart 200 in {second % 7} ms") for second in range(count)]


def failing(what, count=3):
    return [*ordinary(), *(stamped(120 + n, f"ERROR pool: {what}") for n in range(count))]


WORDS = [f"{one}{other}" for one in "abcdefghijklmnopqrst" for other in ("lock", "pipe", "disk", "node", "cart")]

LOGS = {
    "one file": {"app.log": failing("connection refused")},
    "nothing abnormal": {"app.log": ordinary()},
    "fifty files": {f"pod-{n}.log": failing(f"cannot open {WORDS[n]} of {WORDS[-n]}") for n in range(50)},
    "fifty alike": {f"pod-{n}.log": failing(f"no answer from 10.0.0.{n}") for n in range(50)},
    "fifty healthy": {f"pod-{n}.log": ordinary() for n in range(50)},
    "two hundred kinds": {
        "app.log": [
            *ordinary(),
            *(stamped(130 + n, f"ERROR {WORDS[n % 100]}: cannot open {WORDS[n // 2]}") for n in range(200)),
        ]
    },
    "long lines": {"app.log": failing("&" * 200_000), "<!channel>`.log": failing("refused " + "<x>`" * 40_000)},
    "no lines": {"empty.log": []},
    "a shell that speaks mrkdwn": {"*a*_b_.log": failing("<!channel> <@U0ANA> ``` *down* &amp; <https://x.example|y>")},
} | {f"hostile {seed}": {"app.log": hostile_lines(Random(seed), 200), "b.log": failing("down")} for seed in range(6)}


@pytest.fixture
def reported(tmp_path):
    """Files (lines by name) in, report out."""

    def read(files):
        named = []
        for number, (name, lines) in enumerate(files.items()):
            path = tmp_path / f"{number}"
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="surrogatepass")
            named.append(NamedFile(path, name))
        return analyze_files(named)

    return read


@pytest.mark.parametrize("files", LOGS.values(), ids=LOGS.keys())
def test_any_log_makes_a_message_slack_takes_and_a_clean_terminal(reported, files):
    report = reported(files)
    view = stories.triage(of=report)
    blocks, text = triage_blocks(view), triage_text(view)
    assert message_problems(blocks) == []
    assert characters(blocks) <= MESSAGE_CHARS
    assert 0 < len(text) <= UPDATE_TEXT_CHARS
    for each in [text, *markup_texts(blocks)]:
        assert_only_ours(each)
    assert [line for line in report_lines(report) if _OBEYED.search(str(line).lstrip("\n"))] == []


@pytest.mark.parametrize("files", LOGS.values(), ids=LOGS.keys())
def test_what_any_log_changes_is_one_line(reported, files):
    former = reported({"first.log": failing("pool exhausted")})
    change = change_between(former, reported({"first.log": failing("pool exhausted"), **files}))
    text = change_text(change)
    assert "\n" not in text
    assert len(text) <= UPDATE_TEXT_CHARS
    assert_only_ours(text)
    assert text[0].isupper()


@pytest.mark.parametrize("name", ["nothing abnormal", "fifty healthy"])
def test_a_healthy_log_is_said_to_be_one_and_what_was_looked_at(reported, name):
    shown = markup_texts(triage_blocks(stories.triage(of=reported(LOGS[name]))))
    (found,) = [text for text in shown if "Nothing abnormal found" in text]
    assert "120 lines of `app.log`" in found or "6,000 lines of `pod-0.log`" in found


def test_fifty_alike_are_one_finding(reported):
    (finding,) = [found for found in reported(LOGS["fifty alike"]).findings if found.kind != "context"]
    assert finding.summary.endswith("The same in 49 other files.")
