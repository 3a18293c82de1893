import json
from dataclasses import replace

import pytest

from tegashiki.cli import main
from tegashiki.datasets.builder import DatasetError
from tegashiki.datasets.ink_folder import InkFolder
from tegashiki.datasets.reading import load_examples

from .sources import ink, write


def prepare(folder, data_dir, *extra):
    return main(["prepare", "ink_folder", "--source", str(folder), "--data-dir", str(data_dir), *extra])


def test_inkml_and_json_of_one_folder_are_its_training_set(tmp_path):
    source = tmp_path / "source"
    write(source, {"a": ink("x^2", "x 2"), "deep/b": ink("y", "y")})
    (source / "c.json").write_text(json.dumps({"strokes": [[[0, 0], [1, 1]]], "label": "z"}))
    (source / "notes.txt").write_text("no ink")
    assert prepare(source, tmp_path / "data") == 0
    examples = load_examples("ink_folder", "train", tmp_path / "data")
    assert {example.ink.source: " ".join(example.tokens) for example in examples} == {
        "a.inkml": "x ^ { 2 }",
        "deep/b.inkml": "y",
        "c.json": "z",
    }


def test_sub_folders_are_splits(tmp_path):
    write(tmp_path / "source", {"train/a": ink("x", "x"), "valid/b": ink("y", "y"), "test/c": ink("z", "z")})
    builder = InkFolder(data_dir=tmp_path / "data", source=tmp_path / "source")
    builder.download_and_prepare()
    assert sorted(builder.info.splits) == ["test", "train", "validation"]


def test_a_label_list_goes_before_the_files_own_labels(tmp_path):
    source = tmp_path / "source"
    normalized = replace(ink("raw", "x"), annotations={"normalizedLabel": "n"})
    write(source, {"a": ink("x", "x"), "b": ink("y", "y"), "c": normalized})
    (source / "labels.tsv").write_text("a\tw\n")
    prepare(source, tmp_path / "data")
    examples = load_examples("ink_folder", "train", tmp_path / "data")
    assert sorted(example.tokens[0] for example in examples) == ["n", "w", "y"]
    (source / "labels.tsv").write_text("a w\n")
    with pytest.raises(DatasetError, match=r"labels.tsv line 1: 'a w'"):
        InkFolder(data_dir=tmp_path / "other", source=source).download_and_prepare()


def test_named_sets_lie_side_by_side(tmp_path):
    for name in ("mine", "yours"):
        write(tmp_path / name, {name: ink("x", "x", writer=name)})
        assert prepare(tmp_path / name, tmp_path / "data", "--name", name) == 0
    for name in ("mine", "yours"):
        assert load_examples(f"ink_folder/{name}", "train", tmp_path / "data")[0].ink.writer == name


def test_a_folder_without_usable_ink_is_refused(tmp_path, capsys):
    write(tmp_path / "source", {"a": ink("", "x")})
    assert prepare(tmp_path / "source", tmp_path / "data") == 2
    assert "train has no ink that can be used; the first was left out because a.inkml: has no label" in (
        capsys.readouterr().err
    )
