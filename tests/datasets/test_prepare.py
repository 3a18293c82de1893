"""Checks of all builders without TensorFlow, which the test case of TFDS needs."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tegashiki.cli import main
from tegashiki.datasets import simplifier_check
from tegashiki.datasets.builder import StrokeSample
from tegashiki.datasets.crohme import Crohme
from tegashiki.datasets.ink_folder import InkFolder
from tegashiki.datasets.mathwriting import MathWriting
from tegashiki.datasets.prepared import DatasetNotReadyError, find_data_dir, load_examples
from tegashiki.datasets.simplifier_check import SimplifierError, check_simplifier

from .sources import ink, strokes, write

WITHOUT_TENSORFLOW = """
import sys
from importlib.machinery import PathFinder

find_spec = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name.split(".")[0] == "tensorflow" else find_spec(name, *rest)
from tegashiki.cli import main
from tegashiki.datasets.prepared import load_examples

assert main(["prepare", "crohme", "--source", sys.argv[1], "--data-dir", sys.argv[2]]) == 0
assert len(load_examples("crohme", "train", sys.argv[2])) == 4
assert load_examples("crohme", "train", sys.argv[2])[0].tokens
assert "tensorflow" not in sys.modules
"""


def test_preparing_and_reading_needs_no_tensorflow(crohme_source, tmp_path):
    command = [sys.executable, "-W", "error", "-c", WITHOUT_TENSORFLOW, str(crohme_source), str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=["crohme", "mathwriting", "ink_folder"])
def builder(request, crohme_source, tmp_path):
    data = tmp_path / "data"
    if request.param == "crohme":
        return Crohme(data_dir=data, source=crohme_source)
    source = tmp_path / "own"
    inks = {"train/a": ink("x+1", "x + 1"), "train/b": ink("y", "y"), "valid/c": ink("z", "z")}
    write(source, inks)
    return {"mathwriting": MathWriting, "ink_folder": InkFolder}[request.param](data_dir=data, source=source)


def test_builders_follow_the_rules_of_tfds(builder, request):
    name = request.node.callspec.params["builder"]
    assert builder.name == name
    assert str(builder.version).count(".") == 2
    assert builder.info.description
    assert all(isinstance(f, tfds.features.Tensor | tfds.features.Text) for f in builder.info.features.values())
    builder.download_and_prepare()
    assert builder.info.splits
    again = tfds.builder_from_directory(builder.data_path)
    assert again.info.metadata["counts"] == {split: dict(counts) for split, counts in builder.counts.items()}
    for split, info in again.info.splits.items():
        records = again.as_data_source(split=split)
        assert len(records) == info.num_examples == builder.counts[split]["inks"]
        sources = [record["source"] for record in records]
        assert len(set(sources)) == len(sources)
        for record in records:
            assert record["points"].dtype == np.float32
            assert record["points"].shape == (record["stroke_lengths"].sum(), 2)
            assert record["stroke_tokens"].dtype == record["stroke_lengths"].dtype == np.int32
        examples = load_examples(name, split, builder.data_path.parents[1])
        assert [example.ink.source.encode() for example in examples] == sources


def test_preparing_twice_gives_the_same_examples_in_the_same_order(crohme_source, tmp_path):
    one, other = (Crohme(data_dir=tmp_path / name, source=crohme_source) for name in ("one", "other"))
    for builder in (one, other):
        builder.download_and_prepare()
    for split in one.info.splits:
        for left, right in zip(one.as_data_source(split=split), other.as_data_source(split=split), strict=True):
            assert left.keys() == right.keys()
            assert all(np.array_equal(left[name], right[name]) for name in left)


def test_the_manual_directory_of_tfds_is_a_source(crohme_source, tmp_path):
    builder = Crohme(data_dir=tmp_path / "data")
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(manual_dir=crohme_source))
    assert len(load_examples("crohme", "train", tmp_path / "data")) == 4


def test_a_simplifier_that_differs_from_rdp_leaves_no_dataset(crohme_source, tmp_path, monkeypatch, capsys):
    def keeps_too_much(points, epsilon):
        return np.ones(len(points), bool)

    monkeypatch.setattr(simplifier_check, "rdp_mask", keeps_too_much)
    data = tmp_path / "data"
    assert main(["prepare", "crohme", "--source", str(crohme_source), "--data-dir", str(data)]) == 2
    error = capsys.readouterr().err
    assert ".inkml, stroke " in error
    assert "rdp" in error
    with pytest.raises(DatasetNotReadyError):
        load_examples("crohme", "train", data)


def test_our_simplifier_agrees_with_rdp():
    drawn = strokes(40, seed=1)
    assert check_simplifier(("ink", index, stroke) for index, stroke in enumerate(drawn)) == 40
    still = np.zeros((5, 2))
    assert check_simplifier([("dot", 0, np.array([[1.0, 2.0]])), ("still", 0, still)]) == 2


def test_a_difference_in_one_point_is_an_error(monkeypatch):
    true_mask = simplifier_check.rdp_mask

    def drops_one(points, epsilon):
        mask = true_mask(points, epsilon)
        mask[np.flatnonzero(mask)[1]] = False
        return mask

    monkeypatch.setattr(simplifier_check, "rdp_mask", drops_one)
    zigzag = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
    with pytest.raises(SimplifierError, match=r"a.inkml, stroke 3 of 3 points.*differ at points \[1\]"):
        check_simplifier([("a.inkml", 3, zigzag)])


def test_the_sample_is_spread_over_all_strokes():
    sample = StrokeSample(200)
    for number in range(500):
        sample.add(ink("x", "x y", writer=str(number)))
    assert len(sample.strokes) == 200
    few = StrokeSample(200)
    few.add(ink("x", "x y z"))
    assert [index for _, index, _ in few.strokes] == [0, 1, 2]


def test_an_interrupted_preparation_leaves_no_dataset(crohme_source, tmp_path, monkeypatch, capsys):
    def interrupt(strokes):
        raise KeyboardInterrupt

    monkeypatch.setattr("tegashiki.datasets.builder.check_simplifier", interrupt)
    assert main(["prepare", "crohme", "--source", str(crohme_source), "--data-dir", str(tmp_path / "data")]) == 130
    with pytest.raises(DatasetNotReadyError, match="tegashiki prepare crohme"):
        load_examples("crohme", "train", tmp_path / "data")


@pytest.mark.parametrize("failing", ["tegashiki.datasets.builder.check_simplifier", "pathlib.Path.rename"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_force_keeps_the_old_dataset_until_the_new_one_is_ready(crohme_source, tmp_path, monkeypatch, error, failing):
    command = ["prepare", "crohme", "--source", str(crohme_source), "--data-dir", str(tmp_path / "data")]
    assert main(command) == 0
    place = tmp_path / "data/crohme/1.0.0"
    (place / "packed").mkdir()  # the folder of the stores of training
    whole = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    rename = Path.rename

    def fail(path, *rest):
        if failing.endswith("rename") and path.name != ".1.0.0.new":  # fail between the two moves
            return rename(path, *rest)
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(failing, fail)
        assert main([*command, "--force"]) == (130 if error is KeyboardInterrupt else 2)
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == whole
    assert [path.name for path in place.parent.iterdir()] == ["1.0.0"] and (place / "packed").is_dir()
    assert main([*command, "--force"]) == 0
    assert [path.name for path in place.parent.iterdir()] == ["1.0.0"] and not (place / "packed").exists()


def test_a_full_disk_is_reported_in_one_line(crohme_source, tmp_path, monkeypatch, capsys):
    def full(self, **_):
        raise RuntimeError("Failed to finalize writing: RESOURCE_EXHAUSTED: No space left on device\nand more")

    monkeypatch.setattr(Crohme, "download_and_prepare", full)
    assert main(["prepare", "crohme", "--source", str(crohme_source), "--data-dir", str(tmp_path)]) == 2
    assert re.fullmatch(r".*1\.0\.0 cannot be written: No space left on device; .*\n", capsys.readouterr().err)


def test_a_dataset_moved_aside_by_a_killed_force_is_restored(crohme_source, tmp_path, capsys):
    command = ["prepare", "crohme", "--source", str(crohme_source), "--data-dir", str(tmp_path)]
    assert main(command) == 0
    (tmp_path / "crohme/1.0.0").rename(tmp_path / "crohme/.1.0.0.old")
    with pytest.raises(DatasetNotReadyError, match="tegashiki prepare crohme"):
        load_examples("crohme", "train", tmp_path)
    assert main(command) == 0
    assert "already prepared" in capsys.readouterr().out
    assert len(load_examples("crohme", "train", tmp_path)) == 4


def test_a_killed_preparation_is_not_a_dataset(crohme_source, tmp_path):
    Crohme(data_dir=tmp_path, source=crohme_source).download_and_prepare()
    (tmp_path / "crohme/1.0.0").rename(tmp_path / "crohme/incomplete.ABCDEF_1.0.0")  # the name after SIGKILL
    with pytest.raises(DatasetNotReadyError):
        load_examples("crohme", "train", tmp_path)


def test_an_existing_dataset_is_kept_unless_forced(crohme_source, tmp_path, capsys):
    command = ["prepare", "crohme", "--source", str(crohme_source), "--data-dir", str(tmp_path / "data")]
    assert main(command) == 0
    (crohme_source / "train-2014/HAMEX/b.inkml").unlink()
    assert main(command) == 0
    assert "already prepared; --force" in capsys.readouterr().out
    assert len(load_examples("crohme", "train", tmp_path / "data")) == 4
    assert main([*command, "--force"]) == 0
    assert len(load_examples("crohme", "train", tmp_path / "data")) == 3


def test_a_limited_dataset_is_separate_from_the_whole(crohme_source, tmp_path):
    command = ["prepare", "crohme", "--source", str(crohme_source), "--data-dir", str(tmp_path)]
    assert main([*command, "--limit", "2"]) == 0
    with pytest.raises(DatasetNotReadyError, match="crohme/limit_2"):
        load_examples("crohme", "train", tmp_path)
    assert len(load_examples("crohme/limit_2", "train", tmp_path)) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--limit", "x"], "--limit: 'x' is not a whole number of 1 or more"),
        (["--limit", "0"], "--limit: '0' is not a whole"),
        (["--limit", "9" * 5000], "is not a whole"),
        (["--name", "a/b"], "--name: 'a/b' is not 1 to 100 letters, digits, _ and -"),
        (["--name", ".."], "--name: '..' is not"),
        (["--name", ""], "--name: '' is not"),
    ],
)
def test_invalid_limits_and_names_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["prepare", "embedded", *arguments])
    assert said in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["crohme"], ["crohme", "--source", "/nowhere"], ["ink_folder"]])
def test_a_missing_source_is_reported(arguments, capsys):
    assert main(["prepare", *arguments]) == 2
    assert "--source" in capsys.readouterr().err


def test_the_error_for_a_missing_split_names_the_existing_ones(crohme_source, tmp_path):
    Crohme(data_dir=tmp_path, source=crohme_source).download_and_prepare()
    with pytest.raises(DatasetNotReadyError, match=r"it has .*test_2012.*train.*validation"):
        load_examples("crohme", "test", tmp_path)


@pytest.mark.parametrize("file", ["dataset_info.json", "features.json"])
def test_a_damaged_description_is_reported_in_one_line(crohme_source, tmp_path, capsys, file):
    Crohme(data_dir=tmp_path, source=crohme_source).download_and_prepare()
    path = tmp_path / "crohme/1.0.0" / file
    path.write_bytes(path.read_bytes()[:40])
    capsys.readouterr()
    assert main(["vocabulary", "--dataset", "crohme", "--data-dir", str(tmp_path)]) == 2
    said = r"error: the description of .* is damaged .*: remove this folder and prepare the dataset again\n"
    assert re.fullmatch(f"tegashiki vocabulary: {said}", capsys.readouterr().err)
    assert main(["prepare", "crohme", "--source", str(crohme_source), "--data-dir", str(tmp_path)]) == 2
    assert re.fullmatch(f"tegashiki prepare: {said}", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("part", "wanted"),
    [("", 4), ("[:2]", 2), ("[:5000]", 4), ("[1:]", 3), ("[-3:-1]", 2), ("[:50%]", 2), ("[25%:]", 3), ("[:]", 4)],
)
def test_a_part_of_a_split(crohme_source, tmp_path, part, wanted):
    Crohme(data_dir=tmp_path, source=crohme_source).download_and_prepare()
    every = [example.ink.source for example in load_examples("crohme", "train", tmp_path)]
    found = [example.ink.source for example in load_examples("crohme", f"train{part}", tmp_path)]
    assert len(found) == wanted and "".join(found) in "".join(every)


@pytest.mark.parametrize(
    "part", ["[foo]", "[:10", "[:0]", "[9999:]", "[2:1]", "[5]", "[::2]", "[:1.5]", f"[:{'9' * 5000}]"]
)
@pytest.mark.parametrize("name", ["crohme", "embedded"])
def test_an_invalid_part_is_reported_in_one_line(crohme_source, tmp_path, capsys, part, name):
    Crohme(data_dir=tmp_path, source=crohme_source).download_and_prepare()
    capsys.readouterr()
    assert main(["vocabulary", "--dataset", name, "--split", f"train{part}", "--data-dir", str(tmp_path)]) == 2
    assert re.fullmatch(r"tegashiki vocabulary: error: .*train.*\n", capsys.readouterr().err)


@pytest.mark.parametrize("name", ["", "/nowhere/missing.inkml", "*", "crohme/*", "../data/crohme", "a\nb"])
def test_an_invalid_name_is_reported_in_one_line(crohme_source, tmp_path, capsys, name):
    Crohme(data_dir=tmp_path, source=crohme_source).download_and_prepare()
    assert main(["vocabulary", "--dataset", name, "--data-dir", str(tmp_path)]) == 2
    assert "is not prepared in" in capsys.readouterr().err


def test_examples_are_a_sequence(crohme_source, tmp_path):
    Crohme(data_dir=tmp_path, source=crohme_source).download_and_prepare()
    examples = load_examples("crohme", "train", tmp_path)
    assert examples[-1].ink.source == examples[3].ink.source == list(examples)[3].ink.source
    assert [example.ink.source for example in examples[1:3]] == [examples[1].ink.source, examples[2].ink.source]
    assert len(load_examples("crohme", "train[:2]", tmp_path)) == 2
    with pytest.raises(IndexError):
        examples[4]
    assert examples.count_tokens()["+"] == 1
    structured = load_examples("crohme", "train", tmp_path, structure=True)
    assert all(example.ink.symbols and example.ink.truth for example in structured)


def test_data_dir_comes_from_the_environment(crohme_source, tmp_path, monkeypatch):
    monkeypatch.setenv("TEGASHIKI_DATA_DIR", str(tmp_path / "elsewhere"))
    assert main(["prepare", "crohme", "--source", str(crohme_source)]) == 0
    assert (tmp_path / "elsewhere/crohme/1.0.0/dataset_info.json").is_file()
    assert len(load_examples("crohme", "train")) == 4
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TEGASHIKI_DATA_DIR", "~/elsewhere")
    assert len(load_examples("crohme", "train")) == 4
    assert main(["vocabulary", "--dataset", "crohme", "--data-dir=~/elsewhere"]) == 0
    assert main(["prepare", "crohme", "--source=~/source", "--data-dir=~/other"]) == 0
    assert len(load_examples("crohme", "train", tmp_path / "other")) == 4
    assert find_data_dir("~nobody-is-called-so/data") == Path("~nobody-is-called-so/data")
    monkeypatch.delenv("TEGASHIKI_DATA_DIR")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    with pytest.raises(DatasetNotReadyError, match="nobody"):
        load_examples("crohme", "train")
