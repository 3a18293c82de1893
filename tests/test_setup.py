"""Check that `make setup` finds a supported Python or lists the supported versions, using fake interpreters."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKE = shutil.which("make")
SUPPORTED = ("3.11", "3.12", "3.13")

pytestmark = pytest.mark.skipif(MAKE is None, reason="there is no make")


@pytest.fixture
def make(tmp_path):
    """Return a function that runs make in a checkout without .venv, where only the given Pythons (by command) exist."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)

    def run(pythons, *arguments):
        commands = tmp_path / "bin"
        commands.mkdir()
        for name in ("python", "python3", *(f"python{version}" for version in SUPPORTED)):
            file = commands / name
            file.write_text(_python(pythons[name]) if name in pythons else "#!/bin/sh\necho pyenv: no >&2; exit 127\n")
            file.chmod(0o755)
        environment = {"PATH": f"{commands}:/usr/bin:/bin"}
        return subprocess.run(
            [MAKE, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )

    return run


def _python(version):
    """Return a fake Python that prints its version and otherwise exits with 0 if the version is supported, else 1."""
    status = 0 if version in SUPPORTED else 1
    return f'#!/bin/sh\n[ "$1" = --version ] && echo Python {version}.0 && exit\nexit {status}\n'


@pytest.mark.parametrize("version", SUPPORTED)
def test_each_supported_python_is_found_beside_a_newer_one(make, version):
    done = make({f"python{version}": version, "python3": "3.14"}, "--dry-run", "setup")
    assert done.returncode == 0
    assert f'"python{version}" -m venv .venv' in done.stdout


@pytest.mark.parametrize("arguments", [[], ["PYTHON=python3"], ["PYTHON=missing"]])
def test_without_a_supported_python_the_versions_are_listed(make, arguments):
    done = make({"python3": "3.14", "python": "3.14"}, "setup", *arguments)
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert "missing" in done.stderr if "PYTHON=missing" in arguments else "python3 is Python 3.14.0" in done.stderr
    assert "make setup PYTHON=/path/to/python3.13" in done.stderr


def test_the_package_and_the_makefile_support_the_same_versions():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    classifiers = [f"Programming Language :: Python :: {version}" for version in SUPPORTED]
    assert project["classifiers"] == classifiers
    [low, high] = re.findall(r"\((3), (\d+)\)", (ROOT / "Makefile").read_text("utf-8"))
    assert [".".join(low), ".".join(high)] == [SUPPORTED[0], SUPPORTED[-1]]
