"""How text from outside becomes nodes: the renderers alone, loaded in a browser from the page's own files."""

import mimetypes
from pathlib import Path

import pytest
import pytest_asyncio

import sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOLDER = Path(sandbox.__file__).parent / "page"
ORIGIN = "http://127.0.0.1:1"  # never asked: every request is answered from the folder
RENDER = """async ([module, name, text]) => {
    const { [name]: render } = await import(module);
    const host = document.createElement('div');
    host.append(...render(text));
    return host.outerHTML.slice(5, -6);
}"""

SUSPECTS = """async ([module, name, text]) => {
    const { [name]: render } = await import(module);
    const host = document.createElement('div');
    host.append(...render(text));
    const elements = [...host.querySelectorAll('*')];
    const attributes = elements.flatMap((element) => [...element.attributes]);
    return [
        ...elements.filter((element) => element.matches('img, script, iframe, object, style')).map((element) => element.outerHTML),
        ...attributes.filter(({ name, value }) => /^on|^style$/.test(name) || /^(javascript|data):/i.test(value)).map(({ name }) => name),
    ];
}"""


async def from_folder(route):
    path = FOLDER / route.request.url.removeprefix(ORIGIN).lstrip("/")
    if path.is_file():
        await route.fulfill(body=path.read_bytes(), content_type=mimetypes.guess_type(path.name)[0] or "text/plain")
    else:
        await route.fulfill(body="<!doctype html><title>blank</title>", content_type="text/html")


@pytest_asyncio.fixture(loop_scope="module")
async def blank(tab):
    await tab.route("**/*", from_folder)
    await tab.goto(f"{ORIGIN}/blank")
    return tab


async def mrkdwn(page, text):
    return await page.evaluate(RENDER, ["/mrkdwn.js", "mrkdwn", text])


async def markdown(page, text):
    return await page.evaluate(RENDER, ["/markdown.js", "markdown", text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("*bold* _italic_ ~gone~ `x`", "<strong>bold</strong> <em>italic</em> <s>gone</s> <code>x</code>"),
        ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
        ("2*3*4 snake_case_name ~ not ~", "2*3*4 snake_case_name ~ not ~"),
        ("`*code* &lt;b&gt;`", "<code>*code* &lt;b&gt;</code>"),
        ("one\ntwo", "one<br>two"),
        ("&gt; said\n&gt; twice\nafter", "<blockquote>said<br>twice</blockquote>after"),
        ("a &amp; b &lt;c&gt; &amp;lt;", "a &amp; b &lt;c&gt; &amp;lt;"),
        (":fire: :no_such_emoji: 12:30:45", "🔥 :no_such_emoji: 12:30:45"),
        ("<@U0NOBODY>", '<span class="mention" data-user="U0NOBODY">@U0NOBODY</span>'),
        ("<#C0GONE|old>", '<span class="mention">#old</span>'),
        ("<!channel>", '<span class="mention mention-me">@channel</span>'),
        ("<!subteam^S1|@oncall>", '<span class="mention">@oncall</span>'),
        ("<!date^nonsense^{date}|a while ago>", '<time title="a while ago">a while ago</time>'),
        ("```\nlet *x*\n```", '<pre class="code-block" tabindex="0"><code>let *x*</code></pre>'),
        ("open ``` fence", "open ``` fence"),
    ],
)
async def test_mrkdwn(blank, text, expected):
    assert await mrkdwn(blank, text) == expected


async def test_links_lead_only_to_the_web_and_to_mail(blank):
    shown = await mrkdwn(blank, "<https://a.example/?q=1&amp;r=2|label> <mailto:a@b.example> https://c.example/x.")
    assert 'href="https://a.example/?q=1&amp;r=2"' in shown
    assert ">label</a>" in shown
    assert 'href="mailto:a@b.example"' in shown
    assert 'href="https://c.example/x"' in shown
    assert shown.count('rel="noopener noreferrer"') == 3


@pytest.mark.parametrize(
    "text",
    [
        "<javascript:alert(1)|click>",
        "<JaVaScRiPt:alert(1)>",
        "<data:text/html,<script>alert(1)</script>|x>",
        "<img src=x onerror=alert(1)>",
        '<https://a.example/" onclick="alert(1)|x>',
        "[x](javascript:alert(1))",
        "[x](javascript:void)",
        "![x](x onerror=alert(1))",
        "<!date^1700000000^{date}^javascript:alert(1)|x>",
    ],
)
async def test_hostile_text_stays_text(blank, text):
    for module, name in (("/mrkdwn.js", "mrkdwn"), ("/markdown.js", "markdown")):
        found = await blank.evaluate(SUSPECTS, [module, name, text])
        assert found == []


async def test_characters_that_reorder_text_are_spelled_out(blank):
    shown = await mrkdwn(blank, "invoice\u202egol.exe\u0007")
    assert (
        shown
        == 'invoice<span class="control-character">U+202E</span>gol.exe<span class="control-character">U+0007</span>'
    )


@pytest.mark.parametrize(
    "mark", ["*", "_", "~", "`", "<", "<@", "``", "*_~", "<https://", "> ", "[", "**a ", "[a](", "|"]
)
async def test_long_runs_of_marks_are_read_in_linear_time(blank, mark):
    text = mark * (200_000 // len(mark))
    await blank.evaluate(RENDER, ["/mrkdwn.js", "mrkdwn", "warm"])
    for module, name in (("/mrkdwn.js", "mrkdwn"), ("/markdown.js", "markdown")):
        script = f"async ([module, name, text]) => {{ const from = performance.now(); await ({RENDER})([module, name, text]); return performance.now() - from; }}"
        assert await blank.evaluate(script, [module, name, text]) < 3000


async def test_markdown_subset(blank):
    text = "# Top\n\n**b** *i* ~~s~~ `c`\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n<b>\n```"
    shown = await markdown(blank, text)
    assert '<h3 class="markdown-heading level-1">Top</h3>' in shown
    assert "<strong>b</strong> <em>i</em> <s>s</s> <code>c</code>" in shown
    assert "<ul><li>one</li><li>two</li></ul>" in shown
    assert "<th>a</th><th>b</th>" in shown
    assert "<td>1</td><td>2</td>" in shown
    assert "<code>&lt;b&gt;</code>" in shown


async def test_what_a_person_types_is_sent_as_slack_sends_it(blank):
    script = """async (text) => {
        const { workspace } = await import('/workspace.js');
        const { asSlackText } = await import('/outgoing_text.js');
        workspace.users = new Map([['U1', {id: 'U1', name: 'triage', real_name: 'Triage'}], ['U2', {id: 'U2', real_name: 'Triage Two'}]]);
        workspace.channels = new Map([['C1', {id: 'C1', name: 'incidents'}]]);
        return asSlackText(text);
    }"""
    typed = "@Triage help & <b> #incidents https://a.example/?x=1&y=2. mail a@Triage @triage two @here"
    expected = (
        "<@U1> help &amp; &lt;b&gt; <#C1|incidents> <https://a.example/?x=1&amp;y=2>. mail a@Triage <@U2> <!here>"
    )
    assert await blank.evaluate(script, typed) == expected
