"""The browser of the browser tests: the machine's own Chromium or Chrome, or Debian's."""

import os
import shutil
from pathlib import Path

from tests.support.machine import UnavailableError, install_debian_package

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

# As root there is no sandbox of the browser's own; the rest keeps it from calling home at every start.
LAUNCH_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def provide_chromium() -> str:
    """The path of a browser, installed first if that can be done. Raises UnavailableError, saying why, where not."""
    if named := os.environ.get("CHROMIUM"):
        return _named(named)
    found = find_chromium()
    if found is None:
        install_debian_package("chromium")
        found = find_chromium()
    if found is None:
        raise UnavailableError("the package chromium was installed, but holds no browser")
    return found


def find_chromium() -> str | None:
    on_path = [path for name in NAMES if (path := shutil.which(name))]
    on_macos = [path for path in ON_MACOS if os.access(path, os.X_OK)]
    return next(iter(on_path + on_macos), None)


def _named(path: str) -> str:
    if not Path(path).is_file() or not os.access(path, os.X_OK):
        raise UnavailableError(f"CHROMIUM names {path}, which is not a program")
    return path
