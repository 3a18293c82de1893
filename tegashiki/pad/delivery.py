"""Put text on the clipboard, or type it into the program that had the focus, with the programs of the system."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from tegashiki.errors import UserError

SECONDS = 10.0  # maximum time of one program
FOCUS_SECONDS = 0.3  # time until the focus is back after a window has closed


def clipboard_command() -> list[str]:
    """Return the command that puts its input on the clipboard.

    Raises:
        UserError: There is none; the message names what to install.
    """
    wayland = [["wl-copy"]] if os.environ.get("WAYLAND_DISPLAY") else []
    x11 = (
        [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]] if os.environ.get("DISPLAY") else []
    )
    commands = {"darwin": [["pbcopy"]], "win32": [["clip"]]}.get(sys.platform, [*wayland, *x11, ["clip.exe"]])
    for command in commands:
        if shutil.which(command[0]):
            return command
    if not wayland and not x11 and sys.platform not in ("darwin", "win32"):
        raise UserError("there is no clipboard without a graphical session (WAYLAND_DISPLAY, DISPLAY): use --print")
    missing = "wl-copy (package wl-clipboard)" if wayland else "xclip or xsel"
    raise UserError(f"no program can write to the clipboard: install {missing}, or use --print")


def copy(text: str, command: Sequence[str]) -> None:
    """Put text on the clipboard.

    Raises:
        UserError: The command failed.
    """
    _run(command, text)


class Typist:
    """Types into the window that has the focus when the typist is made."""

    def __init__(self) -> None:
        """Find the program that types.

        Raises:
            UserError: There is none; the message names what to install.
        """
        self.window = ""
        if os.environ.get("WAYLAND_DISPLAY"):
            self.program, package = "wtype", "wtype"
        elif os.environ.get("DISPLAY"):
            self.program, package = "xdotool", "xdotool"
        else:
            raise UserError("--type needs Wayland (with wtype) or X11 (with xdotool): use --print, or the clipboard")
        if not shutil.which(self.program):
            raise UserError(f"no program can type into others: install {package}, or use --print or the clipboard")
        if self.program == "xdotool":
            self.window = _run(["xdotool", "getactivewindow"], stdout=subprocess.PIPE).strip()

    def type(self, text: str) -> None:
        """Type text. On Wayland the window that has the focus now gets it.

        Raises:
            UserError: The program failed.
        """
        if self.program == "wtype":
            _run(["wtype", "-s", f"{1000 * FOCUS_SECONDS:.0f}", "--", text])
        else:
            _run(["xdotool", "windowactivate", "--sync", self.window])
            _run(["xdotool", "type", "--clearmodifiers", "--", text])


def _run(command: Sequence[str], text: str = "", stdout: int = subprocess.DEVNULL) -> str:
    """Run a program with a text as its input; return its output.

    The output is only read if it is asked for, because xclip and wl-copy stay in the background and keep a pipe open.
    """
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"{command[0]} failed: {error}") from error
    if done.returncode:
        raise UserError(f"{' '.join(command[:2])} failed with status {done.returncode}")
    return (done.stdout or b"").decode("utf-8", "replace")
