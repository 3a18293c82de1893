import sys
import time

import pytest

from tegashiki.errors import UserError
from tegashiki.pad import window as module
from tegashiki.pad.window import Window
from tests.pad.programs import Programs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the programs are those of Linux")
URL = "http://127.0.0.1:1/#pad=x"


@pytest.fixture
def programs(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Programs(tmp_path, monkeypatch)


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_page_gets_an_app_window_with_a_profile_of_its_own(programs):
    path = programs.add("browser", 'echo "$@" > "$LOG.new"; mv "$LOG.new" "$LOG"; exec sleep 60')
    window = Window(URL, str(path))
    try:
        until(programs.log("browser").exists)
        given = programs.lines("browser")[0].split()
        assert given[:2] == [f"--app={URL}", f"--user-data-dir={programs.folder}/data/tegashiki/pad"]
        assert window.shown and window.is_running
        window.check()
    finally:
        window.close()
    assert not window.is_running


def test_the_first_installed_browser_is_used(programs, monkeypatch):
    path = programs.add("second", "exec sleep 60")
    monkeypatch.setattr(module, "PROGRAMS", ("not-installed-anywhere", "second", "third"))
    window = Window(URL)
    window.close()
    assert window.program == str(path)


@pytest.mark.parametrize("opens", [True, False])
def test_without_one_the_default_browser_is_asked(programs, monkeypatch, opens):
    asked = []
    monkeypatch.setattr(module, "PROGRAMS", ("not-installed-anywhere",))
    monkeypatch.setattr("webbrowser.open", lambda url: asked.append(url) or opens)
    window = Window(URL)
    assert (asked, window.shown, window.is_running) == ([URL], opens, False)
    window.check()
    window.close()


def test_a_missing_browser_is_an_error(programs):
    with pytest.raises(UserError, match="there is no browser nonesuch"):
        Window(URL, "nonesuch")


def test_a_browser_that_fails_is_an_error(programs):
    window = Window(URL, str(programs.add("browser", "exit 3")))
    until(lambda: not window.is_running)
    with pytest.raises(UserError, match="browser ended with status 3: give another one with --browser"):
        window.check()


def test_a_browser_that_passes_the_page_on_is_none(programs):
    window = Window(URL, str(programs.add("browser", "exit 0")))
    until(lambda: not window.is_running)
    window.check()
    window.close()
