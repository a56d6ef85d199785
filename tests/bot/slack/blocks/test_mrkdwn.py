"""Whatever people and logs write, what is made of it stays words: it pings nobody and breaks out of nothing."""

import html
import re
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.slack.blocks.mrkdwn import (
    channel_link,
    code,
    code_block,
    context,
    cut,
    escape,
    escape_within,
    moment,
    person,
    quoted,
    section,
)
from tests.bot.slack.blocks.hostile import assert_only_ours, is_escaped, texts

any_text = settings(max_examples=100, deadline=None)
limits = st.integers(min_value=8, max_value=700)


@any_text
@given(texts)
def test_what_was_written_can_be_read_back_from_its_escaped_form(text):
    assert is_escaped(escape(text))
    assert html.unescape(escape(text)) == text


@any_text
@given(texts, limits)
@example("a" * 7 + "<" * 3, 10)
def test_a_limit_counts_the_escapes_and_cuts_through_none(text, limit):
    shown = escape_within(text, limit)
    assert len(shown) <= limit
    assert is_escaped(shown)
    if shown == escape(text):
        return
    assert shown.endswith("…")
    assert text.startswith(html.unescape(shown[:-1]))
    assert len(shown) > limit - len("&amp;") - 1, "no more is left out than one escape"


@any_text
@given(texts, limits)
@example("see ``` there", 100)
def test_quoted_words_stay_on_one_line_and_mark_nothing_up(text, limit):
    shown = quoted(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    assert "```" not in shown
    assert_only_ours(shown)


@any_text
@given(texts, limits, st.sampled_from(["", ":1", ":9121"]))
@example("", 8, "")
def test_a_logs_words_cannot_leave_their_code(text, limit, ending):
    shown = code(text, limit, ending=ending)
    assert re.fullmatch(rf"`[^`\n]+{ending}`", shown)
    assert len(shown) <= limit + 2
    assert_only_ours(shown)


@any_text
@given(texts, limits)
@example("ends in ``", 100)
@example("`", 100)
@example("", 100)
def test_a_log_line_cannot_close_its_code_block(text, limit):
    shown = code_block(text, limit)
    assert re.fullmatch(r"```(?!`)(?:(?!```).)+```", shown, re.DOTALL)
    assert len(shown) <= limit + 6
    assert_only_ours(shown)


def test_a_log_line_in_a_code_block_is_verbatim():
    assert code_block("SELECT `a`  FROM\tt", 100) == "```SELECT `a`  FROM\tt```"


def test_text_is_cut_with_an_ellipsis():
    assert cut("x" * 10, 10) == "x" * 10
    assert cut("x" * 11, 10) == "x" * 9 + "…"
    assert len(section("x" * 4_000)["text"]["text"]) == 3_000
    assert len(context("x" * 4_000)["elements"][0]["text"]) == 3_000


def test_only_slack_ids_are_mentioned():
    assert person("U0AVA") == "<@U0AVA>"
    assert person("W0AVA") == "<@W0AVA>"
    assert person("ava@example.org") == "ava@example.org"
    assert person("Ulla") == "Ulla"
    assert person("<!channel>") == "&lt;!channel&gt;"


def test_a_channel_that_is_none_cannot_ping():
    assert channel_link("C0INCIDENTS") == "<#C0INCIDENTS>"
    assert channel_link("C0> <!channel>") == "C0&gt; &lt;!channel&gt;"


def test_a_moment_is_shown_in_the_readers_time_and_falls_back_to_utc():
    at = datetime(2026, 3, 14, 2, 11, tzinfo=UTC)
    assert moment(at) == "<!date^1773454260^{date_short_pretty} {time}|2026-03-14 02:11 UTC>"
