import sys

import pytest

from tegashiki.cli import main
from tegashiki.commands import pad as command
from tests.pad.programs import Programs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the programs are those of Linux")


@pytest.fixture
def programs(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "CHECK_SECONDS", 0.05)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Programs(tmp_path, monkeypatch)


def write(programs, latex):
    """Add a browser that delivers a formula; return its path."""
    code = f"""
import json, sys, urllib.request
address, token = sys.argv[1].removeprefix("--app=").split("#pad=")
body = json.dumps({{"latex": {latex!r}}}).encode()
request = urllib.request.Request(address + "pad/accept", body, {{"Authorization": "Bearer " + token}})
urllib.request.urlopen(request, timeout=30).read()
"""
    (programs.folder / "browser.py").write_text(code)
    return str(programs.add("browser", f'exec "{sys.executable}" "{programs.folder}/browser.py" "$1"'))


def test_a_formula_is_printed(programs, capsys):
    assert main(["pad", "--print", "--port", "0", "--browser", write(programs, "x^{2}")]) == 0
    assert capsys.readouterr() == ("x^{2}\n", "")


def test_a_formula_is_typed_after_the_window_is_closed(programs, monkeypatch, capsys):
    monkeypatch.setenv("DISPLAY", ":0")
    programs.add("xdotool", 'echo "$@" >> "$LOG"; [ "$1" = getactivewindow ] && echo 42; exit 0')
    assert main(["pad", "--type", "--port", "0", "--browser", write(programs, "x")]) == 0
    assert programs.lines("xdotool")[-1] == "type --clearmodifiers -- x"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no clipboard without a graphical session"),
        (["--type"], "--type needs Wayland"),
        (["--print", "--model", "none.tflite"], "none.tflite cannot be read"),
        (["--print", "--port", "70000"], "cannot listen on port 70000"),
        (["--print", "--browser", "nonesuch"], "there is no browser nonesuch"),
        (["--print", "--browser", "false"], "/false ended with status 1"),
    ],
)
def test_what_is_wrong_is_reported(programs, arguments, message, capsys):
    assert main(["pad", *arguments]) == 2
    printed = capsys.readouterr()
    assert message in printed.err and printed.err.count("\n") == 1
    assert printed.out == ""


def test_print_and_type_exclude_each_other(capsys):
    with pytest.raises(SystemExit):
        main(["pad", "--print", "--type"])
    assert "not allowed with argument" in capsys.readouterr().err
