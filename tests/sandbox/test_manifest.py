import pytest

from sandbox.manifest import ManifestError, load_manifest

MANIFEST = """
display_information: {name: Pager}
features:
  bot_user: {display_name: pager}
  app_home: {home_tab_enabled: true}
  slash_commands:
    - {command: /page, description: Page someone, usage_hint: who}
  shortcuts:
    - {name: Page, type: message, callback_id: page_this, description: about this}
oauth_config: {scopes: {bot: [chat:write, commands]}}
settings:
  event_subscriptions: {bot_events: [app_mention]}
  interactivity: {is_enabled: true}
"""


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "manifest.yml"
        path.write_text(text)
        return path

    return written


def test_a_manifest_says_what_the_app_has(write):
    manifest = load_manifest(write(MANIFEST))
    assert (manifest.app_name, manifest.bot_name) == ("Pager", "pager")
    assert manifest.scopes == ("chat:write", "commands")
    assert manifest.events == {"app_mention"}
    assert manifest.command("/page")["usage_hint"] == "who"
    assert manifest.command("/incident") is None
    assert manifest.shortcut("page_this")["type"] == "message"
    assert manifest.interactivity
    assert manifest.home_tab


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("features: {}", "no display_information.name"),
        ("- a", "is not a mapping"),
        (
            "display_information: {name: A}\nfeatures: {slash_commands: [{command: /a}]}",
            r"slash_commands\[0\].description",
        ),
        ("display_information: [a]", "display_information in the app manifest is not a mapping"),
        ("a: [", "cannot read the app manifest"),
    ],
)
def test_a_broken_manifest_is_named_with_its_fault(write, text, sentence):
    with pytest.raises(ManifestError, match=sentence):
        load_manifest(write(text))


def test_a_missing_manifest_is_named(tmp_path):
    with pytest.raises(ManifestError, match=r"nowhere\.yml"):
        load_manifest(tmp_path / "nowhere.yml")
