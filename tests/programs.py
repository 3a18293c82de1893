"""Programs outside of Python that some tests run."""

import os
import shutil

import pytest


def needs_programs(*programs: str) -> pytest.MarkDecorator:
    """Return a mark for tests that run programs.

    Where one of the programs is missing, the tests are skipped. Where the environment variable CI is set, they run
    and fail, so that continuous integration cannot pass without them.

    Args:
        programs: Names of programs that are looked up in PATH.
    """
    missing = [program for program in programs if shutil.which(program) is None]
    skipped = bool(missing) and not os.environ.get("CI")
    return pytest.mark.skipif(skipped, reason=f"not installed here: {', '.join(missing)}")
