"""Every benchmark starts, and benchmarks/README.md lists it."""

import importlib.util
import runpy
import sys
from pathlib import Path

import pytest

from benchmarks.ablation import ladder_patches
from benchmarks.ablation.ladder import RUNGS

FOLDER = Path(__file__).parents[2] / "benchmarks"
COMMANDS = [path for path in sorted(FOLDER.rglob("*.py")) if '__name__ == "__main__"' in path.read_text("utf-8")]


def listed_name(path: Path) -> str:
    """The name by which README lists a command: a file, or the package whose `__main__.py` it is."""
    return path.parent.name if path.name == "__main__.py" else path.name


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_benchmark_explains_itself(path, monkeypatch, capsys):
    if path.name == "torch_step.py" and importlib.util.find_spec("torch") is None:
        pytest.skip("torch_step.py needs torch, which tegashiki does not depend on")
    monkeypatch.setattr(sys, "argv", [str(path), "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    assert ended.value.code == 0
    place = path.relative_to(FOLDER.parent)
    module = ".".join(place.with_suffix("").parts).removesuffix(".__main__")
    said = capsys.readouterr().out
    assert f"python -m {module} " in said or f"python {place} " in said, "the help shows no command that works"


def test_the_readme_lists_every_benchmark():
    text = (FOLDER / "README.md").read_text("utf-8")
    missing = [str(path) for path in COMMANDS if f"| `{listed_name(path)}` |" not in text]
    assert not missing


def test_every_patch_of_the_ladder_exists():
    for rung in RUNGS.values():
        for patch in rung.patches:
            assert callable(getattr(ladder_patches, patch))
