import shutil
import sys

import pytest

from tegashiki.errors import UserError
from tegashiki.pad import delivery
from tegashiki.pad.delivery import Typist, clipboard_command, copy
from tests.pad.programs import Programs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the programs are those of Linux")


@pytest.fixture
def programs(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: str(path) if (path := tmp_path / name).exists() else None)
    return Programs(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("variable", "installed", "chosen"),
    [
        ("DISPLAY", ["xclip", "xsel"], "xclip"),
        ("DISPLAY", ["xsel", "wl-copy"], "xsel"),
        ("WAYLAND_DISPLAY", ["wl-copy", "xclip"], "wl-copy"),
        ("", ["clip.exe"], "clip.exe"),  # Windows' own, in WSL
    ],
)
def test_the_clipboard_gets_the_text_from_the_program_of_the_session(
    programs, monkeypatch, variable, installed, chosen
):
    if variable:
        monkeypatch.setenv(variable, ":0")
    for name in installed:
        programs.add(name, 'cat > "$LOG"')
    copy("\\frac{a}{b} ∑", clipboard_command())
    assert programs.log(chosen).read_text("utf-8") == "\\frac{a}{b} ∑"


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("DISPLAY", "install xclip or xsel, or use --print"),
        ("WAYLAND_DISPLAY", r"install wl-copy \(package wl-clipboard\), or use --print"),
        ("", "no clipboard without a graphical session"),
    ],
)
def test_what_is_missing_is_named(programs, monkeypatch, variable, message):
    if variable:
        monkeypatch.setenv(variable, ":0")
    with pytest.raises(UserError, match=message):
        clipboard_command()


def test_a_clipboard_that_fails_is_an_error(programs, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    programs.add("xclip", "exit 3")
    with pytest.raises(UserError, match="xclip -selection failed with status 3"):
        copy("x", clipboard_command())


def test_a_program_that_hangs_is_an_error(programs, monkeypatch):
    monkeypatch.setattr(delivery, "SECONDS", 0.2)
    path = programs.add("xsel", "exec sleep 60")
    with pytest.raises(UserError, match=r"failed: .*timed out"):
        copy("x", [str(path)])


def test_on_x11_the_window_that_had_the_focus_gets_the_text(programs, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    programs.add("xdotool", 'echo "$@" >> "$LOG"; [ "$1" = getactivewindow ] && echo 42; exit 0')
    typist = Typist()
    typist.type("-x")
    assert programs.lines("xdotool") == [
        "getactivewindow",
        "windowactivate --sync 42",
        "type --clearmodifiers -- -x",
    ]


def test_on_wayland_the_window_that_has_the_focus_gets_the_text(programs, monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    programs.add("wtype", 'echo "$@" >> "$LOG"')
    Typist().type("-x")
    assert programs.lines("wtype") == ["-s 300 -- -x"]


@pytest.mark.parametrize(
    ("variable", "message"),
    [("DISPLAY", "install xdotool"), ("WAYLAND_DISPLAY", "install wtype"), ("", "--type needs Wayland")],
)
def test_a_typist_needs_its_program(programs, monkeypatch, variable, message):
    if variable:
        monkeypatch.setenv(variable, ":0")
    with pytest.raises(UserError, match=message):
        Typist()
