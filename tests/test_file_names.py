import os
import subprocess
import sys

import pytest

from tegashiki.file_names import as_text, utf8_fault

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
    assert as_text(name) == text
