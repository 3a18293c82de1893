import http.server
import tarfile
import threading
import zipfile

import pytest

from tegashiki.cli import main
from tegashiki.datasets import mathwriting
from tegashiki.datasets.builder import DatasetError
from tegashiki.datasets.mathwriting import MathWriting
from tegashiki.datasets.prepared import load_examples
from tegashiki.ink.ink import InkError
from tegashiki.ink.inkml import write_inkml

from .sources import DATA, ink, needs_data, write

EXCERPT = DATA / "mathwriting-inkml/excerpt-train-valid.tar.xz"


@needs_data
def test_the_excerpt_is_read_and_labelled_by_its_normalized_label(tmp_path):
    assert main(["prepare", "mathwriting", "--source", str(EXCERPT), "--data-dir", str(tmp_path)]) == 0
    train, valid = (load_examples("mathwriting", split, tmp_path) for split in ("train", "valid"))
    assert (len(train), len(valid)) == (4, 4)
    tokens = {example.ink.source.split("/")[-1]: " ".join(example.tokens) for example in (*train, *valid)}
    assert tokens["00015681597577ca.inkml"] == r"g ( x ) = G ^ { \prime } ( x ) = 0"
    assert tokens["00184588166a4dac.inkml"] == r"\frac { d P } { d \tau }"
    assert tokens["02270559509706de.inkml"] == r"\tilde { \varphi } : \mathbb{S} ^ { \lambda } E \rightarrow M"


@needs_data
def test_the_archive_is_downloaded_from_its_url(tmp_path, monkeypatch):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(EXCERPT.parent))

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(mathwriting, "URL", f"http://127.0.0.1:{server.server_port}/{EXCERPT.name}")
    try:
        MathWriting(data_dir=tmp_path).download_and_prepare()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert len(load_examples("mathwriting", "train", tmp_path)) == 4


def test_splits_are_the_existing_folders(tmp_path):
    inks = {f"{split}/{split}": ink("x", "x") for split in ("train", "test", "symbols", "synthetic")}
    write(tmp_path / "source", inks)
    builder = MathWriting(data_dir=tmp_path / "data", source=tmp_path / "source")
    builder.download_and_prepare()
    assert sorted(builder.info.splits) == ["symbols", "synthetic", "test", "train"]


def test_a_zip_is_read_like_the_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "inks.zip", "w") as archive:
        for split in ("train", "test"):
            archive.writestr(f"mathwriting/{split}/a.inkml", write_inkml(ink("x", "x")))
    builder = MathWriting(data_dir=tmp_path / "data", source=tmp_path / "inks.zip")
    builder.download_and_prepare()
    assert sorted(builder.info.splits) == ["test", "train"]


def test_other_files_than_mathwriting_are_refused(tmp_path):
    write(tmp_path / "source", {"a": ink("x", "x")})
    (tmp_path / "notes.tgz").write_text("no archive")
    with pytest.raises(DatasetError, match="holds none of"):
        MathWriting(data_dir=tmp_path / "data", source=tmp_path / "source").download_and_prepare()
    with pytest.raises(InkError, match=r"notes\.tgz: cannot be read as a tar"):
        MathWriting(data_dir=tmp_path / "data", source=tmp_path / "notes.tgz").download_and_prepare()


def test_a_damaged_archive_is_named(tmp_path):
    write(tmp_path / "source", {f"train/{number}": ink("x", "x", writer=str(number)) for number in range(50)})
    path = tmp_path / "inks.tar.xz"
    with tarfile.open(path, "w:xz") as tar:
        tar.add(tmp_path / "source", "mathwriting")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InkError, match=r"inks\.tar\.xz: cannot be read as a tar"):
        mathwriting.of_archive(path)
