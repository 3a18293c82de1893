"""LiteRT's notice, and only this notice, is kept off stderr."""

import os
import subprocess
import sys

import pytest

from tegashiki.recognizer.litert_notice import NOTICE
from tegashiki.recognizer.recognizer import DEFAULT_MODEL

READ = f"""
import sys
from tegashiki import Recognizer
from tegashiki.ink.ink import Ink
recognizer = Recognizer.load({str(DEFAULT_MODEL)!r})
assert recognizer.recognize(Ink(([[0, 5], [10, 5]], [[5, 0], [5, 10]])))
Recognizer.load({str(DEFAULT_MODEL)!r}).recognize(Ink(([[0, 5], [10, 5]],)))
print("said by others", file=sys.stderr)
"""
DURING = """
import os
from tegashiki.recognizer import litert_notice
with litert_notice._put_aside():
    os.write(2, b"before\\n" + litert_notice.NOTICE + b"after\\n")
os.write(2, b"behind\\n")
"""


def said(program, **settings):
    done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, check=True, **settings)
    return done.stderr


def test_reading_writes_nothing_to_stderr():
    assert said(READ) == "said by others\n"


def test_other_output_to_stderr_is_kept():
    assert said(DURING) == "before\nafter\nbehind\n"


def test_the_notice_is_the_text_that_litert_writes():
    """If this fails, LiteRT has changed the notice, or has removed it, in which case the module can go."""
    program = (
        "from tegashiki.recognizer import litert_notice\n"
        "litert_notice.NOTICE = b'nothing else'\n"
        "litert_notice.take_notice_away()"
    )
    assert said(program) == NOTICE.decode()


@pytest.mark.skipif(os.name == "nt", reason="shells close it as 2>&-")
def test_reading_works_with_a_closed_stderr():
    quiet = READ.replace('print("said by others", file=sys.stderr)', "")
    done = subprocess.run(["sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, quiet], check=False)
    assert done.returncode == 0
