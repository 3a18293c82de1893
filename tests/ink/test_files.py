import io
import os
import tarfile

import pytest

from tegashiki.ink import files
from tegashiki.ink.files import iterate_inks, list_files, read_ink
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import read_inkml, write_inkml
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


def test_members_above_the_archive_are_read(tmp_path):
    contents = {"../up.inkml": CONTENTS["b.inkml"], "../.hidden/c.inkml": "not to be read"}
    assert [name for name, _ in iterate_inks(make_tar(tmp_path / "inks.tar", "w", contents))] == ["../up.inkml"]


def test_folder(folder):
    check(list(iterate_inks(folder)))


def test_linked_folders_are_followed_once(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere" / "deep"
    elsewhere.mkdir(parents=True)
    (elsewhere / "d.inkml").write_text(CONTENTS["b.inkml"])
    (elsewhere / "back").symlink_to(folder)  # a circle
    (folder / "a").symlink_to(elsewhere.parent)
    (folder / "sub" / "again").symlink_to(elsewhere.parent)
    (folder / "also").symlink_to(folder / "sub")  # "sub" is read under its own name, which may name its split
    (folder / ".linked").symlink_to("/")
    (folder / "file.inkml").symlink_to(folder / "b.inkml")
    found = [(name, isinstance(ink, Ink)) for name, ink in iterate_inks(folder)]
    names = ["a/deep/d.inkml", "b.inkml", "file.inkml", "sub/a.JSON"]
    assert found == [*((name, True) for name in names), ("sub/broken.inkml", False)]


def test_names_files_and_folders_that_cannot_be_read(folder, monkeypatch):
    (folder / "lost").symlink_to(folder / "nowhere")
    (folder / "lost.inkml").symlink_to(folder / "nowhere.inkml")
    (folder / "self.json").symlink_to("self.json")
    (folder / ".#b.inkml").symlink_to("user@host")
    (folder / "notes.txt").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.inkml")
    (folder / "shut").mkdir()
    scandir = os.scandir

    def refusing(path):  # file permissions would not stop root, who may run this test
        if path == str(folder / "shut"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = [str(ink) for _, ink in iterate_inks(folder) if isinstance(ink, InkError)]
    assert found[:5] == [
        "lost/*.inkml: the link is broken",
        "lost.inkml: cannot be read (No such file or directory)",
        "pipe.inkml: a pipe or a device, not a file",
        "self.json: cannot be read (Too many levels of symbolic links)",
        "shut/*.inkml: the folder cannot be read (Permission denied)",
    ]
    assert len(found) == 6
    assert found[5].startswith("sub/broken.inkml")
    assert "shut/*.inkml" in list_files(folder)


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
    monkeypatch.setitem(files.INK_READERS, ".inkml", files.Reader(lambda data, name: read.append(name)))
    inks = iterate_inks(make_tar(tmp_path / "inks.tar.xz", "w:xz"))
    next(inks)
    assert read == ["b.inkml"]


def test_large_members_are_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setitem(files.INK_READERS, ".inkml", files.Reader(read_inkml, limit=10))
    found = dict(iterate_inks(make_tar(tmp_path / "inks.tar", "w")))
    assert "the limit is 10" in str(found["b.inkml"]) and isinstance(found["sub/broken.inkml"], InkError)


@pytest.mark.parametrize(
    ("suffix", "mode"), [("tar", "w"), ("tar.gz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")]
)
def test_a_truncated_tar_is_an_error(tmp_path, suffix, mode):
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


def test_refuses_pipes_and_devices(tmp_path):
    os.mkfifo(tmp_path / "pipe.inkml")
    for path in (tmp_path / "pipe.inkml", "/dev/zero"):
        with pytest.raises(InkError, match="neither a file nor a folder: save the ink in a file"):
            list(iterate_inks(path))


def test_a_file_of_zeros_is_not_a_tar(tmp_path, monkeypatch):
    monkeypatch.setattr(tarfile, "open", lambda *_: pytest.fail("tarfile would read all zeros"))
    with (tmp_path / "zeros.tar").open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(InkError, match=r"zeros\.tar: cannot be read as a tar \(its first 512 bytes are zeros\)"):
        list(iterate_inks(tmp_path / "zeros.tar"))
