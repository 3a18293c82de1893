import json
import lzma

import pytest

from tegashiki.cli import main
from tegashiki.datasets.builder import DatasetError
from tegashiki.datasets.prepared import load_examples
from tegashiki.datasets.symbols import TYPST, Symbols, token_of
from tegashiki.errors import UserError

ROWS = [
    {"id": "u/1", "contributor": "apa", "label": "K", "strokes": [[[0, 0], [5, 9]], [[3, 3], [9, 9]]]},
    {"id": "u/2", "contributor": "apb", "label": "%", "strokes": [[[0, 0], [5, 9]]]},
    {"id": "u/3", "contributor": "apb", "label": '"', "strokes": [[[0, 0], [5, 9]]]},
]


def write(folder, rows, name="unipen-isolated.jsonl.xz"):
    folder.mkdir(parents=True, exist_ok=True)
    with lzma.open(folder / name, "wt") as file:
        file.write("\n".join(json.dumps(row) for row in rows))


@pytest.mark.parametrize("folder", ["source", "source/symbols"])
def test_symbols_are_inks_of_one_token(tmp_path, capsys, folder):
    write(tmp_path / folder, ROWS)
    assert main(["prepare", "symbols", "--source", str(tmp_path / "source"), "--data-dir", str(tmp_path)]) == 0
    assert "not one token of the vocabulary" in capsys.readouterr().out
    examples = {example.tokens[0]: example for example in load_examples("symbols", "unipen", tmp_path)}
    assert set(examples) == {"K", r"\%"}
    assert examples["K"].stroke_tokens.tolist() == [0, 0]
    assert examples["K"].ink.writer == "unipen-apa"


def test_names_of_typst_are_read_as_latex(tmp_path):
    drawn = [{"id": f"d/{name}", "typst": name, "strokes": [[[0, 0], [5, 9]]]} for name in ("arrow.r.double", "yen")]
    write(tmp_path / "source", drawn, "detypify.jsonl.xz")
    Symbols(data_dir=tmp_path, source=tmp_path / "source").download_and_prepare()
    assert [example.tokens for example in load_examples("symbols", "detypify", tmp_path)] == [(r"\Rightarrow",)]
    assert "detypify" not in Symbols.TRAINING_SPLITS


REST = [
    {"id": "r/1", "writer": "unipen-x-BNGM-227", "label": "7", "strokes": [[[0, 0], [5, 9]]]},
    {"id": "r/2", "writer": "unipen-x-MWBK4038", "label": "8", "strokes": [[[0, 0], [5, 9]]]},
]


def test_people_of_unipen_are_in_one_split_across_files(tmp_path):
    source = tmp_path / "source"
    write(source, ROWS)
    write(source, REST, "unipen-isolated-rest.jsonl.xz")
    (source / "unipen-isolated-writers.tsv").write_text("u/1\tunipen-y-BNGM227\nu/2\tunipen-y-c\nu/3\tunipen-y-d\n")
    Symbols(data_dir=tmp_path, source=source).download_and_prepare()
    found = {split: load_examples("symbols", split, tmp_path) for split in ("unipen", "unipen_train", "unipen_people")}
    writers = {split: {example.tokens[0]: example.ink.writer for example in found[split]} for split in found}
    assert writers["unipen"] == {"K": "unipen-y-BNGM227", r"\%": "unipen-y-c"}
    assert writers["unipen_people"] == {"K": "unipen-y-BNGM227", "7": "unipen-x-BNGM-227"}
    assert writers["unipen_train"] == {r"\%": "unipen-y-c", "8": "unipen-x-MWBK4038"}


@pytest.mark.parametrize("text", ["u/1", "u/1\t", "u/1\ta\tb"])
def test_a_malformed_list_of_writers_is_named(tmp_path, text):
    write(tmp_path / "source", ROWS)
    (tmp_path / "source" / "unipen-isolated-writers.tsv").write_text(text)
    with pytest.raises(DatasetError, match=r"unipen-isolated-writers\.tsv line 1 is not"):
        Symbols(data_dir=tmp_path, source=tmp_path / "source").download_and_prepare()


def test_other_sources_have_writers_and_terms(tmp_path):
    for name, writer in (("digilets-train", "digilets-002"), ("omniglot", "omniglot-Greek-01"), ("chars74k", "c-1")):
        write(tmp_path / "source", [{"label": "a", "writer": writer, "strokes": [[[0, 0]]]}], f"{name}.jsonl.xz")
        (example,) = prepared(tmp_path, name.removesuffix("-train"))
        assert example.ink.writer == writer
    terms = Symbols(data_dir=tmp_path).info.redistribution_info.license
    assert all(part in terms for part in ("DigiLeTs (no licence stated", "Omniglot (MIT)", "Chars74K (for research"))


def prepared(folder, split):
    Symbols(data_dir=folder / split, source=folder / "source").download_and_prepare()
    return load_examples("symbols", split, folder / split)


def test_the_table_of_typst_maps_to_tokens():
    assert [latex for latex in TYPST.values() if token_of(latex) != latex] == []


@pytest.mark.parametrize(
    ("label", "token"),
    [("x", "x"), ("'", r"\prime"), ("{", r"\{"), (r"\leq", r"\leq"), (r"\le", r"\leq"), (r"\hat", None), ("ab", None)],
)
def test_labels_become_tokens(label, token):
    assert token_of(label) == token


@pytest.mark.parametrize(
    ("label", "token"), [(r"\mathds{R}", r"\mathbb{R}"), (r"\mathscr{L}", r"\mathcal{L}"), (r"\mathfrak{g}", None)]
)
def test_alphabets_that_look_alike_are_merged(label, token):
    assert token_of(label) == token


TIMED = {"label": "x", "strokes": [[[0, 0, 10], [5, 9, 20]]]}  # must not be read as three points of two numbers


@pytest.mark.parametrize("row", [{"label": "x"}, {"label": "x", "strokes": [[[0, "a"]]]}, TIMED, [1]])
def test_a_line_without_a_valid_symbol_is_named(tmp_path, row):
    write(tmp_path / "source", [ROWS[0], row])
    with pytest.raises(DatasetError, match=r"unipen-isolated\.jsonl\.xz line 2 is not a symbol"):
        Symbols(data_dir=tmp_path, source=tmp_path / "source").download_and_prepare()


def test_a_truncated_file_is_named(tmp_path):
    write(tmp_path / "source", ROWS)
    path = tmp_path / "source" / "unipen-isolated.jsonl.xz"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UserError, match=r"unipen-isolated\.jsonl\.xz cannot be read"):
        Symbols(data_dir=tmp_path, source=tmp_path / "source").download_and_prepare()


def test_a_folder_without_the_files_is_refused(tmp_path):
    (tmp_path / "source").mkdir()
    with pytest.raises(DatasetError, match="none of unipen-isolated"):
        Symbols(data_dir=tmp_path, source=tmp_path / "source").download_and_prepare()
