"""Takes docs/images/thread.png: the thread of an incident in the running demo, after the sample logs were dropped in.

Run it beside a fresh `make demo`, from the same folder: `python docs/images/make_thread_picture.py [ADDRESS]`.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.support.chromium import provide_chromium

PICTURE = Path(__file__).with_name("thread.png")
SAMPLES = sorted(Path("sample-logs").glob("*.log"))
REPORT_MS = 120_000  # generous: the machine may be busy


def main(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=provide_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1330}, locale="en-GB", color_scheme="light")
        page.goto(address)
        open_incident(page)
        drop_samples(page)
        page.screenshot(path=PICTURE)
        browser.close()


def open_incident(page: Page) -> None:
    page.get_by_test_id("channel-incidents").click()
    page.get_by_test_id("composer").fill("/incident Checkout is failing sev1")
    page.get_by_test_id("composer").press("Enter")
    acknowledge = page.get_by_role("button", name="Acknowledge")
    card = page.locator("#channel-messages").get_by_test_id("message").filter(has=acknowledge)
    card.hover()
    card.get_by_test_id("open-thread").click()


def drop_samples(page: Page) -> None:
    """Upload as a person would, wait for the report, its file and its chart, and scroll to the report's head."""
    page.get_by_test_id("thread-file-input").set_input_files(SAMPLES)
    page.get_by_test_id("thread-composer").press("Enter")
    thread = page.get_by_test_id("thread")
    report = thread.get_by_test_id("message").filter(has_text="Triage of INC-").first
    expect(report.get_by_role("button", name="Re-run")).to_be_visible(timeout=REPORT_MS)
    expect(thread.get_by_text("The whole report")).to_be_visible(timeout=REPORT_MS)
    chart = report.locator("img[alt*='lines']")
    expect(chart).to_be_visible(timeout=REPORT_MS)
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=chart.element_handle())
    page.mouse.move(600, 750)  # off the messages, whose tools would show
    report.evaluate("message => message.scrollIntoView({block: 'start'})")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8711/")
