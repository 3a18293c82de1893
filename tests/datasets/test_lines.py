import json

import pytest

from tegashiki.cli import main
from tegashiki.datasets.builder import DatasetError
from tegashiki.datasets.held_out_people import is_held_out
from tegashiki.datasets.lines import Lines, rows_of
from tegashiki.datasets.prepared import load_examples

TRAIN, HELD_OUT = "unipen-x-MWBK4038", "unipen-x-BNGM-227"


def row(text, label=None, lines=1, writer=TRAIN):
    return {"text": text, "label": label, "lines": lines, "writer": writer, "strokes": [[[0, 0], [5, 9]], [[7, 7]]]}


def write(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "unipen-lines.jsonl").write_text("\n".join(map(json.dumps, rows)))


@pytest.mark.parametrize("folder", ["source", "source/lines"])
def test_people_are_in_one_split_and_texts_become_tokens(tmp_path, capsys, folder):
    assert is_held_out(HELD_OUT) and not is_held_out(TRAIN)
    rows = [
        row("1 40", "1 4 0"),
        row("$78,787 !"),
        row("94/623=15.08%", writer=HELD_OUT),
        row("12 3/4 5", lines=3),
        row("it's", lines=1),
        row("1 2 3 4", lines=2),
    ]
    write(tmp_path / folder, rows)
    assert main(["prepare", "lines", "--source", str(tmp_path / "source"), "--data-dir", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "no token for '" in out and "the ends of its handwritten lines are unknown" in out
    train = {example.ink.source: " ".join(example.tokens) for example in load_examples("lines", "train", tmp_path)}
    assert train == {
        f"numbers/{TRAIN}/0001": "1 4 0",
        f"numbers/{TRAIN}/0002": r"\$ 7 8 , 7 8 7 !",
        f"rows/{TRAIN}/0004": r"\begin{matrix} 1 2 \\ 3 / 4 \\ 5 \end{matrix}",
    }
    (held_out,) = load_examples("lines", "validation", tmp_path)
    assert " ".join(held_out.tokens) == r"9 4 / 6 2 3 = 1 5 . 0 8 \%"
    assert held_out.ink.writer == HELD_OUT


@pytest.mark.parametrize(
    ("text", "count", "rows"),
    [
        ("3 + 4", 1, ["3 + 4"]),
        ("(408) 974-3145 (415) 679-1256 12", 3, ["(408) 974-3145", "(415) 679-1256", "12"]),
        ("3M A-1", 2, []),  # some writers put such texts on one line
        ("0 1 2 3 4 5", 3, []),
        ("", 1, []),
    ],
)
def test_rows_of_divides_a_text_where_its_lines_are_known(text, count, rows):
    assert rows_of(text, count) == rows


@pytest.mark.parametrize("wrong", [{"text": "1"}, row("1", writer="x"), row(3), row("1", lines="many"), [1]])
def test_a_malformed_line_is_named(tmp_path, wrong):
    write(tmp_path / "source", [row("1"), wrong])
    with pytest.raises(DatasetError, match=r"unipen-lines\.jsonl line 2 is not a handwritten line"):
        Lines(data_dir=tmp_path, source=tmp_path / "source").download_and_prepare()


def test_a_folder_without_the_files_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="does not hold unipen-lines"):
        Lines(data_dir=tmp_path, source=tmp_path).download_and_prepare()
