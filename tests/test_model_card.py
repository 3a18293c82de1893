"""Check that docs/model-card.md agrees with the shipped file, the repository and the licences of the pictures."""

import re
from pathlib import Path

import pytest

from benchmarks.figures import failures
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.recognizer.metadata import read_metadata
from tegashiki.recognizer.recognizer import DEFAULT_MODEL

ROOT = Path(__file__).parent.parent
CARD = ROOT / "docs/model-card.md"


def heading_links(text):
    """Return the anchors of the headings of a Markdown page."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_code_of_the_card_prints_the_metadata_of_the_shipped_file(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", CARD.read_text("utf-8"), re.DOTALL)
    exec(compile(code, str(CARD), "exec"), {})
    said = capsys.readouterr().out
    name = re.search(r"^name +(\w+)$", said, re.MULTILINE)[1]
    assert (ROOT / f"configs/{name}.py").is_file()


def test_the_shipped_file_was_trained_on_the_data_of_the_card():
    about = read_metadata(DEFAULT_MODEL)
    data = about["data"]
    assert data["dataset"] == "crohme"
    assert data["splits"] == ["train", "train_2019_extra", "test_2011", "test_2012", "test_2013"]
    assert {split.split("[")[0] for split in data["symbols"]} == {"unipen_train", "digilets", "omniglot", "detexify"}
    assert data["lines"] == ["train"]
    assert data["formulas"]
    assert "non-commercial" in about["licence"]
    assert (max(about["stroke_sizes"]), about["max_tokens"]) == (128, 128)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)]+)\)", CARD.read_text("utf-8")))))
def test_the_links_of_the_card_lead_somewhere(target):
    path, _, heading = target.partition("#")
    linked = CARD.parent / path
    assert linked.exists()
    assert not heading or heading in heading_links(linked.read_text("utf-8"))


def test_the_picture_of_the_card_has_a_licence():
    assert "failures.svg" in (CARD.parent / "pictures/LICENSE").read_text("utf-8")


def test_the_random_choice_of_failures_does_not_depend_on_their_order():
    results = [InkResult(f"{i}.inkml", "x y", "x y" if i % 2 else "z", None, None, None) for i in range(20)]
    wrong = failures.failures([*results, InkResult("unread.inkml", "x", None, None, None, "?", comparable=False)])
    assert len(wrong) == 10
    chosen = failures.by_lot(wrong, 4)
    assert len({each.file for each in chosen}) == 4
    assert failures.by_lot(wrong[::-1], 4) == chosen
    assert failures.by_lot(wrong, 99) == sorted(wrong, key=lambda each: each.file)
