import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace

import pytest

from tegashiki.cli import main
from tegashiki.datasets import ink_folder
from tegashiki.datasets.ink_folder import InkFolder
from tegashiki.datasets.prepared import DatasetNotReadyError, check_place, load_examples
from tegashiki.ink.inkml import write_inkml
from tegashiki.ink.labels import LabelsError

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


PARTS = {"train/a": "x", "train/b": "y", "valid/a": "z", "validation/c": "v", "test/d": "w"}


def pack(path, texts):
    """Write a tar of (name, text) pairs in the given order."""
    with tarfile.open(path, "w:gz") as tar:
        for name, text in texts:
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize("around", ["", "./", "mine/", "/mine/2026/"])
def test_a_tar_has_splits_and_labels_like_a_folder(tmp_path, around):
    texts = [(f"{around}{name}.inkml", write_inkml(ink(label, label))) for name, label in PARTS.items()]
    source = pack(tmp_path / "t.tar.gz", [*texts, (f"{around}labels.tsv", "a\tn\nvalid/a\tm\n")])
    assert prepare(source, tmp_path / "data") == 0
    found = {split: load_examples("ink_folder", split, tmp_path / "data") for split in ("train", "validation", "test")}
    tokens = {split: sorted(example.tokens[0] for example in examples) for split, examples in found.items()}
    assert tokens == {"train": ["n", "y"], "validation": ["m", "v"], "test": ["w"]}


def test_labels_in_a_tar_have_a_size_limit(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ink_folder, "MAX_LABELS", 3)
    source = pack(tmp_path / "t.tgz", [("a.inkml", write_inkml(ink("x", "x"))), ("labels.tsv", "a\tn\n")])
    assert prepare(source, tmp_path / "data") == 2
    assert "labels.tsv: 4 bytes, the limit is 3" in capsys.readouterr().err


def test_both_names_of_validation_are_read(tmp_path):
    write(tmp_path / "source", {name: ink(label, label) for name, label in PARTS.items()})
    assert prepare(tmp_path / "source", tmp_path / "data") == 0
    validation = load_examples("ink_folder", "validation", tmp_path / "data")
    assert sorted(example.ink.source for example in validation) == ["valid/a.inkml", "validation/c.inkml"]


@pytest.mark.parametrize("stray", ["e", "other/e"])
def test_ink_beside_the_splits_is_not_left_out_silently(tmp_path, stray, capsys):
    write(tmp_path / "source", {name: ink("x", "x") for name in ("train/a", "test/d", stray)})
    assert prepare(tmp_path / "source", tmp_path / "data") == 2
    assert f"1 inks, such as {stray}.inkml, lie beside the folders of the splits" in capsys.readouterr().err


def test_unreadable_files_beside_the_splits_are_ignored(tmp_path):
    write(tmp_path / "source", {name: ink("x", "x") for name in ("train/a", "test/d")})
    (tmp_path / "source" / "README").symlink_to(tmp_path / "nowhere")
    assert prepare(tmp_path / "source", tmp_path / "data") == 0


def test_a_split_without_ink_is_not_left_out_silently(tmp_path, capsys):
    write(tmp_path / "source", {"train/a": ink("x", "x")})
    (tmp_path / "source/test").mkdir()
    (tmp_path / "source/test/packed.zip").write_text("")
    assert prepare(tmp_path / "source", tmp_path / "data") == 2
    assert "test has no ink" in capsys.readouterr().err


def test_a_single_file_is_a_source(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps({"strokes": [[[0, 0], [1, 1]]], "label": "z"}))
    assert prepare(tmp_path / "x.json", tmp_path / "data") == 0
    assert load_examples("ink_folder", "train", tmp_path / "data")[0].tokens == ("z",)


def test_unreadable_sources_are_reported_in_one_line(tmp_path, capsys):
    inks = [("a.inkml", write_inkml(ink("x", "x"))), ("b.inkml", write_inkml(ink("y", "y")))]
    cut = pack(tmp_path / "cut.tgz", inks)
    cut.write_bytes(cut.read_bytes()[:300])
    (tmp_path / "notes.txt").write_text("no ink")
    twice = pack(tmp_path / "twice.tgz", [*inks, inks[0]])
    for source, said in (
        (cut, "as a tar"),
        (tmp_path / "notes.txt", "as a tar"),
        (twice, "several inks with the same name, such as a.inkml"),
    ):
        assert prepare(source, tmp_path / "data") == 2
        error = capsys.readouterr().err.splitlines()[-1]
        assert error.startswith("tegashiki prepare: error: ") and said in error


def test_a_label_list_overrides_labels_in_files(tmp_path):
    source = tmp_path / "source"
    normalized = replace(ink("raw", "x"), annotations={"normalizedLabel": "n"})
    write(source, {"a": ink("x", "x"), "b": ink("y", "y"), "c": normalized})
    (source / "labels.tsv").write_text("a\tw\n")
    prepare(source, tmp_path / "data")
    examples = load_examples("ink_folder", "train", tmp_path / "data")
    assert sorted(example.tokens[0] for example in examples) == ["n", "w", "y"]
    (source / "labels.tsv").write_text("a w\n")
    with pytest.raises(LabelsError, match=r"labels.tsv:1: no tab in 'a w'"):
        InkFolder(data_dir=tmp_path / "other", source=source).download_and_prepare()


@pytest.mark.parametrize("name", ["./train/a.json", "train\\a.json", ".\\train\\a.inkml", '"train/a"', "a"])
def test_names_in_a_label_list_may_be_spelled_in_several_ways(tmp_path, name, capsys):
    source = tmp_path / "source"
    write(source, {"train/a": ink("x", "x"), "train/b": ink("y", "y")})
    (source / "labels.tsv").write_text(f"{name}\tw\nzz\t1\n")
    assert prepare(source, tmp_path / "data") == 0
    examples = load_examples("ink_folder", "train", tmp_path / "data")
    assert sorted(example.tokens[0] for example in examples) == ["w", "y"]
    assert "1 of the 2 names in" in (said := capsys.readouterr().err) and "such as 'zz'" in said


def test_an_empty_label_in_a_list_overrides_the_label_in_the_file(tmp_path, capsys):
    write(tmp_path / "source", {"a": ink("x", "x"), "b": ink("y", "y")})
    (tmp_path / "source/labels.tsv").write_text("a\t\n")
    assert prepare(tmp_path / "source", tmp_path / "data") == 0
    assert [e.tokens for e in load_examples("ink_folder", "train", tmp_path / "data")] == [("y",)]
    assert "has no label" in capsys.readouterr().out


def test_a_label_list_in_the_folder_of_a_split_gives_a_warning(tmp_path, capsys):
    write(tmp_path / "source", {"train/a": ink("x", "x")})
    (tmp_path / "source/train/labels.tsv").write_text("a\tw\n")
    assert prepare(tmp_path / "source", tmp_path / "data") == 0
    assert "train/labels.tsv is not read: labels of all splits belong in" in capsys.readouterr().err


def test_inks_with_undecodable_names_are_kept(tmp_path, capsys):
    write(tmp_path / "source", {"a": ink("x", "x"), "b": ink("y", "y")})
    try:
        (tmp_path / "source/a.inkml").rename(tmp_path / "source/a\udce9.inkml")
    except OSError:
        pytest.skip("this file system does not allow undecodable names")
    assert prepare(tmp_path / "source", tmp_path / "data") == 0
    found = {e.ink.source: e.tokens for e in load_examples("ink_folder", "train", tmp_path / "data")}
    assert found == {"a\\xe9.inkml": ("x",), "b.inkml": ("y",)}


LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_paths_that_the_locale_cannot_encode_are_reported(tmp_path):
    source, data = tmp_path / "sé", tmp_path / "dé"
    write(source, {"a": ink("x", "x")})
    assert prepare(source, data) == 0
    command = [sys.executable, "-m", "tegashiki.cli"]
    for rest in (
        ["vocabulary", "--dataset", "ink_folder", "--data-dir", data],
        ["prepare", "ink_folder", "--source", source, "--data-dir", data],
    ):
        done = subprocess.run([*command, *rest], env=os.environ | LOCALE, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "its name needs UTF-8" in done.stderr and "set PYTHONUTF8=1" in done.stderr
        assert "damaged" not in done.stderr and "Traceback" not in done.stderr
    other = [*command, "prepare", "ink_folder", "--source", source, "--data-dir", tmp_path / "plain"]
    assert subprocess.run(other, env=os.environ | LOCALE, capture_output=True, check=False).returncode == 0


def test_a_data_dir_with_an_undecodable_name_is_reported(tmp_path):
    message = "its name is not UTF-8, or rename it or use another --data-dir"
    with pytest.raises(DatasetNotReadyError, match=message):
        check_place(tmp_path / "d\udce9")


def test_a_zip_has_splits_and_labels_like_a_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for name, label in PARTS.items():
            archive.writestr(f"mine/{name}.inkml", write_inkml(ink(label, label)))
        archive.writestr("mine/labels.tsv", "a\tn\nvalid/a\tm\n")
    assert prepare(tmp_path / "t.zip", tmp_path / "data") == 0
    found = {split: load_examples("ink_folder", split, tmp_path / "data") for split in ("train", "validation", "test")}
    tokens = {split: sorted(example.tokens[0] for example in examples) for split, examples in found.items()}
    assert tokens == {"train": ["n", "y"], "validation": ["m", "v"], "test": ["w"]}


def test_named_datasets_are_stored_side_by_side(tmp_path):
    for name in ("mine", "yours"):
        write(tmp_path / name, {name: ink("x", "x", writer=name)})
        assert prepare(tmp_path / name, tmp_path / "data", "--name", name) == 0
    for name in ("mine", "yours"):
        assert load_examples(f"ink_folder/{name}", "train", tmp_path / "data")[0].ink.writer == name


@pytest.mark.parametrize("name", ["size_limit_2", "limit_2", "x_limit_2"])
def test_a_name_never_sets_a_limit(tmp_path, name, capsys):
    write(tmp_path / "source", {each: ink("x", "x") for each in "abcde"})
    assert prepare(tmp_path / "source", tmp_path / "data", "--name", name) == 0
    assert len(load_examples(f"ink_folder/{name}", "train", tmp_path / "data")) == 5
    assert prepare(tmp_path / "source", tmp_path / "data", "--name", name) == 0  # it exists already
    outer, _, _ = name.rpartition("limit_2")
    limited = ["--limit", "2", *(["--name", outer[:-1]] if outer else [])]
    assert prepare(tmp_path / "source", tmp_path / "data", *limited) == 2
    assert "was made of all inks, not of 2 inks per part: use --force to make it again" in capsys.readouterr().err
    assert prepare(tmp_path / "source", tmp_path / "data", *limited, "--force") == 0
    assert len(load_examples(f"ink_folder/{name}", "train", tmp_path / "data")) == 2
    assert prepare(tmp_path / "source", tmp_path / "data", *limited) == 0


def test_a_folder_without_usable_ink_is_refused(tmp_path, capsys):
    write(tmp_path / "source", {"a": ink("", "x")})
    assert prepare(tmp_path / "source", tmp_path / "data") == 2
    message = "train has no ink that can be used; the first was left out because a.inkml: has no label"
    assert message in capsys.readouterr().err
