import shutil
import tarfile

import pytest

from tegashiki.cli import main
from tegashiki.datasets import crohme
from tegashiki.datasets.builder import DatasetError
from tegashiki.datasets.prepared import load_examples
from tegashiki.latex.normalize import normalize

from .sources import DATA, ink, needs_data, write


def prepare(source, data_dir, *extra):
    return main(["prepare", "crohme", "--source", str(source), "--data-dir", str(data_dir), *extra])


def stems(data_dir, split):
    return sorted(
        example.ink.source.split("/")[-1].removesuffix(".inkml") for example in load_examples("crohme", split, data_dir)
    )


def test_writers_and_formulas_of_validation_are_not_in_training(crohme_source, tmp_path, capsys):
    assert prepare(crohme_source, tmp_path / "data") == 0
    data = tmp_path / "data"
    assert stems(data, "train") == ["200923-1254-7", "a", "b", "doubtful"]
    assert stems(data, "validation") == ["v1"]  # the formula of v2 is in training, so v2 is in no split
    assert stems(data, "train_2019_extra") == ["e1"]
    assert stems(data, "test_2012") == ["t1"]
    assert stems(data, "test_2014") == ["t3"]
    out = capsys.readouterr().out
    assert "its formula is also in training" in out
    assert "by a writer of validation" in out
    assert "t2.inkml): the same ink is also in train-2014" in out


def test_a_set_may_be_a_zip(crohme_source, tmp_path):
    shutil.make_archive(str(crohme_source / "test-2014"), "zip", crohme_source, "test-2014")
    shutil.rmtree(crohme_source / "test-2014")
    assert prepare(crohme_source, tmp_path / "data") == 0
    assert stems(tmp_path / "data", "test_2014") == ["t3"]


@pytest.mark.parametrize("name", ["crohme-train-2014.tsv", "test-2012-inks-also-in-train.txt"])
def test_a_label_list_that_is_not_text_is_an_error(crohme_source, tmp_path, name, capsys):
    (crohme_source / "labels" / name).write_bytes(b"a\tx\xe9\n")
    assert prepare(crohme_source, tmp_path / "data") == 2
    assert f"{name} is not UTF-8 text" in capsys.readouterr().err


def test_labels_come_from_the_published_list_unless_doubtful_or_missing(crohme_source, tmp_path):
    prepare(crohme_source, tmp_path)
    tokens = {
        example.ink.source.split("/")[-1]: example.tokens for example in load_examples("crohme", "train", tmp_path)
    }
    assert tokens["a.inkml"] == ("x", "+", "1")
    assert tokens["b.inkml"] == ("Y",)  # from the list; the file has y
    assert tokens["doubtful.inkml"] == ("2", ".", "0")  # from the file
    assert tokens["200923-1254-7.inkml"] == ("k",)  # from the file, because the list lacks it


def test_archives_and_folders_give_the_same_examples(crohme_source, tmp_path):
    packed = tmp_path / "packed" / "crohme-inkml"
    packed.mkdir(parents=True)
    for folder in crohme_source.iterdir():
        if folder.name != "labels":
            with tarfile.open(packed / f"{folder.name}.tar.xz", "w:xz") as archive:
                archive.add(folder, folder.name)
    shutil.copytree(crohme_source / "labels", tmp_path / "packed" / "labels")
    for source, data in ((tmp_path / "packed", "one"), (crohme_source, "other")):
        prepare(source, tmp_path / data)
        assert stems(tmp_path / data, "train") == ["200923-1254-7", "a", "b", "doubtful"]
    one, other = (load_examples("crohme", "test_2014", tmp_path / data)[0] for data in ("one", "other"))
    assert one.tokens == other.tokens == normalize("f'(x)")
    assert one.stroke_tokens.tolist() == other.stroke_tokens.tolist() == [0, 3, 5, 6, 7]


def test_unreadable_training_ink_is_left_out_and_counted(crohme_source, tmp_path, capsys):
    (crohme_source / "train-2014/HAMEX/empty.inkml").write_text("")
    write(crohme_source / "train-2014", {"HAMEX/broken": ink(r"$\frac{x$", "x"), "HAMEX/mute": ink("", "x")})
    assert prepare(crohme_source, tmp_path) == 0
    assert len(load_examples("crohme", "train", tmp_path)) == 4
    out = capsys.readouterr().out
    assert "empty.inkml): the file is empty" in out
    assert "broken.inkml)" in out
    assert "mute.inkml): has no label" in out


def test_a_test_ink_with_an_invalid_label_is_kept(crohme_source, tmp_path, capsys):
    write(crohme_source / "test-2014", {"t4": ink(r"$\frac{x$", "x")})
    assert prepare(crohme_source, tmp_path) == 0
    examples = {example.ink.source: example for example in load_examples("crohme", "test_2014", tmp_path)}
    assert len(examples) == 2
    assert "label does not parse in test_2014: 1 (t4.inkml)" in capsys.readouterr().out


def test_an_unreadable_test_ink_is_an_error_that_leaves_no_files(crohme_source, tmp_path, capsys):
    (crohme_source / "test-2014/bad.inkml").write_text("<ink>")
    data = tmp_path / "data"
    assert prepare(crohme_source, data) == 2
    assert "test_2014: bad.inkml cannot be used" in capsys.readouterr().err
    assert not list(data.glob("**/*record*"))
    assert not (data / "crohme").exists() or not list((data / "crohme").glob("*"))


def test_a_folder_without_the_known_sets_is_refused(tmp_path, capsys):
    write(tmp_path, {"a": ink("x", "x")})
    assert prepare(tmp_path, tmp_path / "data") == 2
    assert "ink_folder" in capsys.readouterr().err


def test_the_second_number_of_a_mathbrush_name_is_the_writer():
    assert crohme.writer_of("train-2014/MathBrush/200923-1254-7.inkml") == "MathBrush-1254"
    assert crohme.writer_of("MathBrush/200926-1254-8.inkml") == "MathBrush-1254"
    assert crohme.writer_of("train-2014/HAMEX/formulaire001-equation002.inkml") == ""
    assert not crohme.is_validation_writer("")
    assert not crohme.is_validation_writer("Unknown")


def test_about_a_tenth_of_writers_is_chosen():
    chosen = sum(crohme.is_validation_writer(f"somebody{number}") for number in range(5000))
    assert 400 < chosen < 600


@needs_data
def test_published_lists_are_the_test_labels():
    labels = crohme.read_labels(DATA)
    assert len(labels.lines) == 8835 + 986 + 1147
    assert len(labels.doubtful) == 21
    assert labels.lines["18_em_1"] == r"\sqrt { 4 8 }"
    assert len(crohme.read_names(DATA, "test-2012-inks-also-in-train.txt")) == 46


@needs_data
def test_a_limited_set_of_the_archives(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("test-2014", "train-2019-extra"):
        (source / f"{name}.tar.xz").symlink_to(DATA / "crohme-inkml" / f"{name}.tar.xz")
    (source / "labels").symlink_to(DATA / "labels")
    assert prepare(source, tmp_path, "--limit", "20") == 0
    examples = load_examples("crohme/limit_20", "test_2014", tmp_path)
    assert len(examples) == 20
    lines = crohme.read_labels(DATA).lines
    for example in examples:
        assert example.tokens == normalize(lines[example.ink.source.split("/")[-1].removesuffix(".inkml")])


@needs_data
@pytest.mark.slow
def test_the_complete_crohme_dataset(tmp_path):
    assert prepare(DATA, tmp_path) == 0
    splits = {
        name: load_examples("crohme", name, tmp_path)
        for name in (
            "train",
            "validation",
            "train_2019_extra",
            *(f"test_{year}" for year in (2011, 2012, 2013, 2014, 2016)),
        )
    }
    assert {name: len(examples) for name, examples in splits.items()} == {
        "train": 8005,
        "validation": 577,
        "train_2019_extra": 65,
        "test_2011": 348,
        "test_2012": 442,
        "test_2013": 671,
        "test_2014": 986,
        "test_2016": 1147,
    }
    train, validation = (list(splits[name]) for name in ("train", "validation"))
    for part in (train, list(splits["train_2019_extra"])):
        assert not {e.ink.writer for e in part} & {e.ink.writer for e in validation}
        assert not {e.tokens for e in part} & {e.tokens for e in validation}
    assert sum(bool((example.stroke_tokens >= 0).any()) for example in train) >= 7990


def test_inks_of_test_sets_cannot_be_skipped(crohme_source, tmp_path):
    builder = crohme.Crohme(data_dir=tmp_path, source=crohme_source)
    assert not {"test_2014", "validation"} & builder.TRAINING_SPLITS
    with pytest.raises(DatasetError, match="cannot be used"):
        list(builder.label_inks("test_2014", [("a.inkml", ink("", "x"))], lambda one: one.label))
