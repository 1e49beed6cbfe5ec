"""Photograph the top of a page for the README, light and dark: `python docs/pictures/make.py PAGE`.

PAGE is the file that `make up SERVE=0` wrote, so the pictures show a run and not a drawing of one. It
needs a Chromium on the path, and nothing else.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZE = "1280,1200"
SCHEMES = {"dark": 0, "light": 1}  # Chromium's own numbers for a preferred colour scheme
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip


def photograph(browser: str, page: Path, scheme: int, to: Path) -> None:
    """The top of a page, by a browser that remembers nothing."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser,
            *QUIET,
            f"--user-data-dir={profile}",
            f"--blink-settings=preferredColorScheme={scheme}",
            f"--window-size={SIZE}",
            f"--screenshot={to}",
            page.resolve().as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603


def main(page: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        raise SystemExit("no browser found: install Chromium, or put it on the path")
    for name, scheme in SCHEMES.items():
        to = HERE / f"up-{name}.png"
        photograph(browser, page, scheme, to)
        sys.stderr.write(f"{to.name} {to.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("say which page: python docs/pictures/make.py reports/up.html")
    main(Path(sys.argv[1]))
