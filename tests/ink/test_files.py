import io
import tarfile

import pytest

from tegashiki.ink import files
from tegashiki.ink.files import iterate_inks, read_ink
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import write_inkml
from tegashiki.ink.json_ink import write_json

CONTENTS = {
    "b.inkml": write_inkml(Ink([[(1, 2)]], "b")),
    "sub/a.JSON": write_json(Ink([[(1, 2)]], "a")),
    "sub/broken.inkml": "<ink>",
    "sub/notes.txt": "not ink",
    ".hidden/c.inkml": "not to be read",
    "._b.inkml": "not to be read",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in CONTENTS.items():
        path = tmp_path / "inks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "inks"


def make_tar(path, mode, contents=CONTENTS):
    with tarfile.open(path, mode) as tar:
        for name, text in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("link.inkml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return path


def check(found):
    assert [name for name, _ in found] == ["b.inkml", "sub/a.JSON", "sub/broken.inkml"]
    (_, b), (_, a), (_, broken) = found
    assert (b.label, b.source, a.label, a.source) == ("b", "b.inkml", "a", "sub/a.JSON")
    assert isinstance(broken, InkError) and str(broken).startswith("sub/broken.inkml: line 1")


def test_folder(folder):
    check(list(iterate_inks(folder)))


@pytest.mark.parametrize(
    ("suffix", "mode"), [("tar", "w"), ("tar.gz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")]
)
def test_tar(tmp_path, suffix, mode):
    check(list(iterate_inks(make_tar(tmp_path / f"inks.{suffix}", mode))))


def test_file(folder):
    assert [(name, ink.label) for name, ink in iterate_inks(folder / "b.inkml")] == [("b.inkml", "b")]
    assert read_ink(folder / "b.inkml").label == "b" and read_ink(str(folder / "sub/a.JSON")).label == "a"
    [(name, error)] = iterate_inks(folder / "sub/broken.inkml")
    assert name == "broken.inkml" and isinstance(error, InkError)


def test_tar_members_are_read_one_by_one(tmp_path, monkeypatch):
    read = []
    monkeypatch.setitem(files._READERS, ".inkml", lambda data, name: read.append(name))
    inks = iterate_inks(make_tar(tmp_path / "inks.tar.xz", "w:xz"))
    next(inks)
    assert read == ["b.inkml"]


def test_large_members_are_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    found = dict(iterate_inks(make_tar(tmp_path / "inks.tar", "w")))
    assert "the limit is 10" in str(found["b.inkml"]) and isinstance(found["sub/broken.inkml"], InkError)


@pytest.mark.parametrize(
    ("suffix", "mode"), [("tar", "w"), ("tar.gz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")]
)
def test_a_cut_tar_is_an_error(tmp_path, suffix, mode):
    path = make_tar(tmp_path / f"inks.{suffix}", mode)
    data = path.read_bytes()
    path.write_bytes(data[: 1500 if suffix == "tar" else len(data) // 2])
    with pytest.raises(InkError, match=r"inks\.tar.*cannot be read as a tar"):
        list(iterate_inks(path))


def test_a_damaged_header_does_not_end_a_tar_silently(tmp_path):
    path = make_tar(tmp_path / "inks.tar", "w")
    data = bytearray(path.read_bytes())
    data[data.index(b"sub/a.JSON")] ^= 1
    path.write_bytes(data)
    with pytest.raises(InkError, match="damaged header"):
        list(iterate_inks(path))


def test_refuses_other_paths(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InkError, match="no such file or folder"):
        list(iterate_inks(tmp_path / "none"))
    with pytest.raises(InkError, match=r"notes\.txt: cannot be read as a tar.*expected \.inkml"):
        list(iterate_inks(tmp_path / "notes.txt"))
    with pytest.raises(InkError, match=r"the suffix is '\.txt', expected \.inkml or \.json"):
        read_ink(tmp_path / "notes.txt")
