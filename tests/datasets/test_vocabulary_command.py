from pathlib import Path

import pytest

from tegashiki.cli import main
from tegashiki.datasets.crohme import Crohme
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, Vocabulary


@pytest.fixture
def data_dir(crohme_source, tmp_path):
    Crohme(data_dir=tmp_path / "data", source=crohme_source).download_and_prepare()
    return str(tmp_path / "data")


def test_the_tokens_of_a_split_are_counted(data_dir, capsys):
    assert main(["vocabulary", "--dataset", "crohme", "--data-dir", data_dir]) == 0
    out = capsys.readouterr().out
    assert "4 inks, 8 tokens, 8 different" in out
    assert "+ 1 " in out
    assert f"vocabulary: {len(DEFAULT_VOCABULARY.tokens)} tokens" in out


def test_only_seen_writes_only_the_tokens_of_the_split(data_dir, tmp_path):
    path = tmp_path / "vocabulary.json"
    command = ["vocabulary", "--dataset", "crohme", "--data-dir", data_dir, "--only-seen", "--output", str(path)]
    assert main(command) == 0
    assert sorted(Vocabulary.from_json(path.read_text()).tokens) == sorted("x+1Y2.0k")


def test_the_default_vocabulary_needs_no_dataset(capsys):
    assert main(["vocabulary"]) == 0
    assert "\\alpha" in capsys.readouterr().out
    for argument in (["--only-seen"], ["--split", "nosuch"], ["--min-count", "5"], ["--data-dir", "nowhere"]):
        assert main(["vocabulary", *argument]) == 2
        assert "go with --dataset: give one" in capsys.readouterr().err


def test_rare_tokens_are_left_out_and_listed(data_dir, capsys):
    command = ["vocabulary", "--dataset", "crohme", "--data-dir", data_dir, "--only-seen", "--min-count", "2"]
    assert main(command) == 0
    assert "left out as rarer than 2: 8: " in capsys.readouterr().out


def test_a_vocabulary_without_tokens_is_not_written(data_dir, tmp_path, capsys):
    command = ["vocabulary", "--dataset", "crohme", "--data-dir", data_dir, "--only-seen", "--min-count", "2"]
    assert main([*command, "--output", str(tmp_path / "v.json")]) == 2
    assert "no token occurs --min-count 2 times; the most frequent one occurs 1 times" in capsys.readouterr().err
    assert not (tmp_path / "v.json").exists()


def test_a_full_disk_leaves_the_old_vocabulary(tmp_path, monkeypatch, capsys):
    path = tmp_path / "v.json"
    assert main(["vocabulary", "--output", str(path)]) == 0
    was = path.read_bytes()

    def half(path, text, *_):
        path.write_bytes(text.encode()[:99])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    assert main(["vocabulary", "--output", str(path)]) == 2
    assert f"No space left on device: '{path}'\n" in capsys.readouterr().err
    assert path.read_bytes() == was
    assert main(["vocabulary", "--output", str(tmp_path / "none" / "v.json")]) == 2
    printed = capsys.readouterr()
    assert "cannot be written: give a file in a folder that exists" in printed.err and not printed.out


def test_a_dataset_that_is_not_prepared_is_reported(tmp_path, capsys):
    assert main(["vocabulary", "--dataset", "crohme", "--data-dir", str(tmp_path)]) == 2
    assert "tegashiki prepare crohme" in capsys.readouterr().err
