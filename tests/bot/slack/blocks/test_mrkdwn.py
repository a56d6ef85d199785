"""Whatever people and logs write, what is made of it stays words: it pings nobody and breaks out of nothing."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks.mrkdwn import code, code_block, escape, person, quoted

MARKUP = ["&", "<", ">", "`", "```", "<!channel>", "<@U1>", "&lt;", "\n", "…", "\u202e", "😀", " "]
hostile = st.lists(st.sampled_from(MARKUP) | st.text(max_size=8), max_size=60).map("".join)
limits = st.integers(min_value=10, max_value=120)
ENTITY = re.compile(r"&(?:amp|lt|gt);")


def is_escaped(text):
    return not re.search(r"[<>&]", ENTITY.sub("", text))


@given(hostile)
def test_what_was_written_can_be_read_back_from_its_escaped_form(text):
    assert is_escaped(escape(text))
    assert html.unescape(escape(text)) == text


@given(hostile, limits)
def test_quoted_words_stay_on_one_line_and_ping_nobody(text, limit):
    assert is_escaped(quoted(text, limit))
    assert "\n" not in quoted(text, limit)


@given(hostile, limits)
def test_a_logs_words_cannot_leave_their_code(text, limit):
    assert re.fullmatch(r"`[^`\n]*`", code(text, limit))


@given(hostile, limits)
def test_a_log_line_cannot_close_its_code_block(text, limit):
    block = code_block(text, limit)
    assert block.startswith("```")
    assert block.endswith("```")
    assert "```" not in block[3:-3]


def test_only_slack_ids_are_mentioned():
    assert person("U0AVA") == "<@U0AVA>"
    assert person("ava@example.org") == "ava@example.org"
    assert person("<!channel>") == "&lt;!channel&gt;"
