"""Open the page in a window of its own, without the browser's tabs and address bar."""

import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

from tegashiki.errors import UserError

# Browsers of the Chromium family have windows for one page.
PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
    "brave",
    "vivaldi",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
)
SIZE = "800,640"  # width, height in pixels


class Window:
    """A window of the page.

    Attributes:
        program: The browser, None for the default browser.
        process: Its process, None for the default browser.
        shown: Whether a browser was started.
    """

    def __init__(self, url: str, program: str | None = None):
        """Open a window.

        Args:
            url: The address of the page.
            program: A browser of the Chromium family; None for the first one that is installed. If there is none, the
                default browser opens the page in a tab.

        Raises:
            UserError: There is no such program, or it cannot be started.
        """
        self.process: subprocess.Popen[bytes] | None = None
        self.program = _find(program)
        if self.program is None:
            self.shown = webbrowser.open(url)
            return
        options = (
            f"--user-data-dir={_profile()}",
            f"--window-size={SIZE}",
            "--no-first-run",
            "--no-default-browser-check",
        )
        try:
            self.process = subprocess.Popen(
                [self.program, f"--app={url}", *options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches only this program, which then closes the window
            )
        except OSError as error:
            raise UserError(f"the browser {self.program} cannot be started: {error.strerror}") from error
        self.shown = True

    @property
    def is_running(self) -> bool:
        """Whether the browser that was started is running."""
        return self.process is not None and self.process.poll() is None

    def check(self) -> None:
        """Raise UserError if the browser has failed. With status 0 it has passed the page on to a running browser."""
        status = self.process.poll() if self.process else None
        if status:
            raise UserError(f"the browser {self.program} ended with status {status}: give another one with --browser")

    def close(self) -> None:
        """End the browser if it was started for this window."""
        if self.process and self.is_running:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()


def _find(program: str | None) -> str | None:
    """Return the path of a browser, None if no name was given and none is installed."""
    if program is None:
        return next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    path = shutil.which(program)
    if path is None:
        raise UserError(f"there is no browser {program}: give a program of the Chromium family, or leave out --browser")
    return path


def _profile() -> Path:
    """Return the folder where the browser keeps the history and the settings of the window."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "tegashiki" / "pad"
