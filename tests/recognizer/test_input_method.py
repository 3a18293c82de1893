"""Run the examples of docs/input-method.md as they are printed."""

import re
import shutil
from pathlib import Path

from tegashiki.ink.files import read_ink
from tegashiki.latex.normalize import normalize

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "input-method.md").read_text("utf-8"), re.DOTALL)


def test_the_examples_of_the_documentation_run(tmp_path, monkeypatch, capsys):
    shutil.copy(ROOT / "tests" / "fixtures" / "crohme" / "512_em_286.inkml", tmp_path / "some.inkml")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for example in EXAMPLES:
        exec(compile(example, "docs/input-method.md", "exec"), names)
    assert len(EXAMPLES) == 2
    lines = capsys.readouterr().out.splitlines()
    committed = names["best"][0]
    assert f"{committed.latex} {committed.probability}" == lines[0]
    assert committed.latex in lines[1:]
    saved = read_ink("ink.inkml")
    assert normalize(saved.label) == committed.tokens
    assert len(saved.strokes) == len(read_ink("some.inkml").strokes)
    assert names["session"].candidates(5)[0].tokens == committed.tokens  # the second example reads the same ink
    assert not names["reader"].is_alive()
