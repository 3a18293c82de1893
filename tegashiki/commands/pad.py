"""Write a formula in a window of its own, for any other program.

    tegashiki pad             each formula that is finished (Done, or Enter) goes to the clipboard
    tegashiki pad --type      the formula is typed into the program that had the focus (X11, Wayland)
    tegashiki pad --print     the formula is printed, so that any editor can call this command

With --type and --print the window closes after the first formula. The page is that of `tegashiki serve`; a local server
serves it, and nothing leaves this machine. The exit status is 0 if there was a formula, 1 if the window was closed
without one, 2 after an error and 130 after Ctrl-C, which closes the window. docs/browser.md has recipes for editors.
"""

import argparse
import sys
from pathlib import Path

from tegashiki.file_names import expand_text
from tegashiki.pad.delivery import Typist, clipboard_command, copy
from tegashiki.pad.server import PadServer, Place
from tegashiki.pad.window import Window

CHECK_SECONDS = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki pad`."""
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--print", action="store_true", help="print the formula to standard output")
    target.add_argument("--type", action="store_true", help="type the formula into the program that had the focus")
    parser.add_argument(
        "--model",
        type=expand_text,
        metavar="FILE",
        help="a .tflite file (default: the model that comes with the package)",
    )
    parser.add_argument(
        "--browser",
        type=expand_text,
        metavar="PROGRAM",
        help="a browser of the Chromium family (default: the first one found, else a tab of the default browser)",
    )
    parser.add_argument(
        "--port", type=int, help="port of the local server, 0 for a free one (default: 8764, or a free one)"
    )


def run(args: argparse.Namespace) -> int:
    """Open the window and wait for it; return the exit status."""
    from tegashiki.recognizer.metadata import read_metadata
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL

    model = Path(args.model or DEFAULT_MODEL)
    read_metadata(model)
    formulas: list[str] = []
    typist = Typist() if args.type else None
    command = [] if args.type or args.print else clipboard_command()

    def deliver(latex: str) -> Place:
        if command:
            copy(latex, command)
        formulas.append(latex)
        return "clipboard" if command else "program"

    with PadServer(model, deliver, once=not command, port=args.port) as server:
        _show(server, args.browser)
    if args.print and formulas:
        print(formulas[0])
    if typist and formulas:
        typist.type(formulas[0])
    return 0 if formulas else 1


def _show(server: PadServer, browser: str | None) -> None:
    """Open a window and wait until it is closed or has delivered its only formula."""
    window = Window(server.url, browser)
    if not window.shown:
        print(f"no browser could be opened: open {server.url} yourself", file=sys.stderr)
    is_own = False  # whether the browser was started for this window, and not only passed the page on to another one
    try:
        while not server.wait(CHECK_SECONDS):
            if window.is_running:
                is_own = is_own or server.opened
            elif is_own and not server.opened:
                break  # sooner than the server knows that the page is not being reloaded
            elif not server.opened:
                window.check()
    finally:
        server.ending.set()
        window.close()
