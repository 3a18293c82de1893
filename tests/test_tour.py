"""Check that docs/tour.ipynb runs from the first cell to the last and gives the outputs that it describes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .notebook import outputs, run_cell

ROOT = Path(__file__).parent.parent
TOUR = ROOT / "docs/tour.ipynb"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run the tour in its folder and in its own process, with a tenth of the training steps; return its code cells."""
    text = TOUR.read_text("utf-8")
    assert text.count("steps = 300") == 1
    notebook = tmp_path_factory.mktemp("tour") / "tour.ipynb"
    notebook.write_text(text.replace("steps = 300", "steps = 30"), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JAX_NUM_CPU_DEVICES": "1", "TMPDIR": str(notebook.parent)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.notebook", str(notebook), "--write"],
        cwd=TOUR.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    return [cell for cell in json.loads(notebook.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def said(cells, part):
    """Return the printed text of the one cell whose source contains `part`."""
    (cell,) = [cell for cell in cells if part in "".join(cell["source"])]
    return "".join(text for output in cell["outputs"] for text in output.get("text", ()))


def test_the_tour_recognises_draws_and_trains(ran):
    assert len(said(ran, "Recognizer.load()").splitlines()) == 8
    drawn = ["image/svg+xml" in output.get("data", ()) for cell in ran for output in cell["outputs"]]
    assert sum(drawn) == 2
    assert "11 strokes:" in said(ran, "recognizer.session()")
    assert "finished at step 30" in said(ran, "train(config")
    losses = [float(line.split()[3]) for line in said(ran, "metrics.jsonl").splitlines()]
    assert losses[-1] < losses[0]
    assert len(said(ran, "open_model(").splitlines()) == 2 * (1 + 5)


def test_the_outputs_in_the_file_belong_to_its_cells():
    cells = [cell for cell in json.loads(TOUR.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert "finished at step 300" in said(cells, "train(config")
    assert str(Path.home()) not in TOUR.read_text("utf-8")


def test_a_cell_outputs_its_last_expression_and_its_printed_text():
    namespace = {}
    assert run_cell("x = 2\nx * 3", "<cell>", namespace) == 6
    assert run_cell("y = x", "<cell>", namespace) is None
    assert namespace["y"] == 2
    stream, result = outputs("10%\r100%\ndone\n", 6, 1)
    assert stream["text"] == ["100%\n", "done\n"]
    assert result["data"] == {"text/plain": ["6"]}
    with pytest.raises(ZeroDivisionError):
        run_cell("1 / 0", "<cell>", namespace)
