"""A browser on the sandbox's page."""

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from sandbox.server import SandboxConfig, running_sandbox
from tests.sandbox.page.app import MANIFEST, SmallApp
from tests.support.chromium import LAUNCH_OPTIONS

DEADLINE_MS = 10_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium_path):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=LAUNCH_OPTIONS)
        yield browser
        await browser.close()


@pytest.fixture
def complaints():
    """What the page's console reports as an error, and what it throws; a test may empty it after a fault of its own."""
    return []


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser, complaints):
    """A page of its own; what it complains about fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = await context.new_page()
    page.set_default_timeout(DEADLINE_MS)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def workspace(tmp_path):
    """A running sandbox, with a small app not yet connected."""
    manifest = tmp_path / "manifest.yml"
    manifest.write_text(MANIFEST)
    async with running_sandbox(SandboxConfig(mode="socket", manifest=manifest, rate_limits=False)) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="module")
async def app(workspace):
    async with SmallApp(workspace) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="module")
async def page(workspace, app, tab):
    """The page in #incidents, as Alice, with the app connected."""
    await tab.goto(workspace.url)
    await expect(tab.get_by_test_id("composer")).to_be_focused()
    await expect(tab.get_by_test_id("banner")).to_be_hidden()
    return tab
