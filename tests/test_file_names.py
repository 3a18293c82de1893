import argparse
import importlib
import os
import subprocess
import sys

import pytest

from tegashiki.cli import COMMANDS
from tegashiki.file_names import expand_text, utf8_fault, utf8_name

LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    ("name", "fault"), [("/run", ""), ("/é", ""), ("/d\udce9", "its name is not UTF-8"), ("/\ud800", "its name is not")]
)
def test_names_that_are_not_utf8_are_found(name, fault):
    found = utf8_fault(name)
    assert found.startswith(fault) and bool(found) == bool(fault)


def test_a_locale_that_cannot_encode_a_name_is_named():
    program = "import sys; from tegashiki.file_names import utf8_fault; print(utf8_fault(sys.argv[1]))"
    for name, fault in (("/é", "Python uses ascii for file names here: set PYTHONUTF8=1"), (b"/\xe9", "is not UTF-8")):
        command = [sys.executable, "-c", program, name]
        done = subprocess.run(command, env=os.environ | LOCALE, capture_output=True, text=True, check=True)
        assert fault in done.stdout


@pytest.mark.parametrize(
    ("name", "text"), [("a", "a"), ("é", "é"), ("s/\udcc3\udca9", "s/é"), ("\udce9", "\udce9"), ("\ud800", "\ud800")]
)
def test_a_name_that_the_locale_could_not_decode_is_decoded(name, text):
    assert utf8_name(name) == text


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("~/run", "HOME/run"),
        ("default", "default"),
        ("gs://a/~/b", "gs://a/~/b"),
        ("~nobody-is-so/x", "~nobody-is-so/x"),
        ("", ""),
    ],
)
def test_the_home_directory_is_expanded_in_paths_only(text, expanded, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expand_text(text) == expanded.replace("HOME", str(tmp_path))


# Arguments of a command that are no path: names of datasets and splits, LaTeX, settings.
NO_PATH = {
    "beam_options", "dataset", "settings", "split", "restrict", "latex", "writer", "host", "origins", "which", "name",
    "formulas", "to",
}  # fmt: skip


def arguments(parser):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from arguments(child)
        else:
            yield action


@pytest.mark.parametrize("command", COMMANDS)
def test_every_path_of_a_command_may_begin_with_a_tilde(command, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    parser = argparse.ArgumentParser()
    importlib.import_module(f"tegashiki.commands.{command}").add_arguments(parser)
    for action in arguments(parser):
        takes_text = action.nargs != 0 and action.choices is None and action.dest not in NO_PATH
        if takes_text and (action.type is None or action.type("7") not in (7, 7.0)):
            assert action.type is not None, action.dest
            assert str(action.type("~/a")) == str(tmp_path / "a"), action.dest
