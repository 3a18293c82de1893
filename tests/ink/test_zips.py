import io
import os
import stat
import struct
import tarfile
import zipfile

import pytest

from tegashiki.ink import files
from tegashiki.ink.files import iterate_inks, list_files, read_file
from tegashiki.ink.ink import InkError
from tegashiki.ink.inkml import read_inkml

from .test_files import CONTENTS, check


def make_zip(path, contents=CONTENTS, method=zipfile.ZIP_DEFLATED, system=3):
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.mkdir("sub/")
        for name, text in contents.items():
            member = zipfile.ZipInfo("placeholder")
            member.filename, member.compress_type, member.create_system = name, method, system
            archive.writestr(member, text)
        link = zipfile.ZipInfo("link.inkml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return path


def patched(path, changes):
    """Replace 2-byte fields in the central header of the first member that is not a folder; keys are offsets."""
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)  # after the header of the folder
    for offset, value in changes.items():
        struct.pack_into("<H", data, central + offset, value)
    path.write_bytes(data)
    return path


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["inks.zip", "inks.ZIP", "inks"])
def test_zip(tmp_path, method, name):
    path = make_zip(tmp_path / name, method=method)
    check(list(iterate_inks(path)))
    assert sorted(list_files(path)) == sorted(CONTENTS)
    assert read_file(path, "sub/notes.txt", 100) == b"not ink"


def test_members_above_the_archive_are_read(tmp_path):
    path = make_zip(tmp_path / "inks.zip", {"../up.inkml": CONTENTS["b.inkml"]})
    assert [name for name, _ in iterate_inks(path)] == ["../up.inkml"]


def test_a_tar_of_zips_is_a_tar(tmp_path):
    """Some programs search the end of a file for a zip directory, where a tar may hold a zip as a member."""
    make_zip(tmp_path / "inner.zip")
    with tarfile.open(tmp_path / "inks.tar", "w") as tar:
        member = tarfile.TarInfo("b.inkml")
        member.size = len(CONTENTS["b.inkml"])
        tar.addfile(member, io.BytesIO(CONTENTS["b.inkml"].encode()))
        tar.add(tmp_path / "inner.zip", "inner.zip")
    assert [name for name, _ in iterate_inks(tmp_path / "inks.tar")] == ["b.inkml"]


def test_reads_names_written_by_windows_and_old_tools(tmp_path):
    path = make_zip(tmp_path / "w.zip", {"train\\a.inkml": CONTENTS["b.inkml"]}, system=0)
    assert [name for name, _ in iterate_inks(path)] == ["train/a.inkml"]
    data = make_zip(tmp_path / "u.zip", {"aa.inkml": CONTENTS["b.inkml"]}).read_bytes()
    for raw, meant in (("é", "é"), ("éx".encode("cp437").decode("latin-1"), "éx")):
        coded = raw.encode("utf-8" if raw == meant else "latin-1")  # without the UTF-8 flag
        (tmp_path / "u.zip").write_bytes(data.replace(b"aa.inkml", coded + b".inkml"))
        assert [name for name, _ in iterate_inks(tmp_path / "u.zip")] == [f"{meant}.inkml"]


def test_large_members_are_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setitem(files.INK_READERS, ".inkml", files.Reader(read_inkml, limit=10))
    found = dict(iterate_inks(make_zip(tmp_path / "inks.zip")))
    assert "the limit is 10" in str(found["b.inkml"]) and isinstance(found["sub/broken.inkml"], InkError)


def test_refuses_members_larger_than_declared(tmp_path):
    path = make_zip(tmp_path / "bomb.zip", {"b.inkml": "<ink>" + " " * 1_000_000, "a.inkml": CONTENTS["b.inkml"]})
    found = dict(iterate_inks(patched(path, {24: 100, 26: 0})))  # uncompressed size
    assert "cannot be unpacked" in str(found["b.inkml"])
    assert found["a.inkml"].label == "b"


def test_refuses_overlapping_members(tmp_path):
    path = make_zip(tmp_path / "bomb.zip", {"b.inkml": CONTENTS["b.inkml"], "a.inkml": CONTENTS["b.inkml"]})
    data = bytearray(path.read_bytes())
    centrals = [i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02"]
    data[centrals[2] + 42 : centrals[2] + 46] = data[centrals[1] + 42 : centrals[1] + 46]  # the offset of the member
    path.write_bytes(data)
    with pytest.raises(InkError, match=r"bomb\.zip: .* overlap, as in a zip bomb"):
        list(iterate_inks(path))


def test_one_unreadable_member_does_not_hide_the_others(tmp_path):
    contents = {"b.inkml": CONTENTS["b.inkml"], "a.inkml": CONTENTS["b.inkml"]}
    for changes, said in (
        ({8: 1}, "b.inkml: is encrypted: unpack the archive with its password first"),
        ({10: 9}, "b.inkml: cannot be unpacked (That compression method is not supported"),
        ({16: 1}, "b.inkml: cannot be unpacked (Bad CRC-32"),
    ):
        found = dict(iterate_inks(patched(make_zip(tmp_path / "inks.zip", contents), changes)))
        assert said in str(found["b.inkml"])
        assert found["a.inkml"].label == "b"


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 and nothing more"])
def test_refuses_files_that_are_not_zips(tmp_path, data):
    (tmp_path / "inks.zip").write_bytes(data)
    with pytest.raises(InkError, match=r"inks\.zip: cannot be read as a zip"):
        list(iterate_inks(tmp_path / "inks.zip"))


def test_refuses_a_truncated_zip(tmp_path):
    path = make_zip(tmp_path / "inks.zip")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InkError, match=r"inks\.zip: cannot be read as a zip .* it is damaged or incomplete"):
        list(iterate_inks(path))


def test_refuses_names_wrongly_flagged_as_utf_8(tmp_path):
    path = make_zip(tmp_path / "inks.zip", {"aa.inkml": ""})
    path.write_bytes(path.read_bytes().replace(b"aa.inkml", b"a\xff.inkml"))
    assert [name for name, _ in iterate_inks(path)] == ["a\xa0.inkml"]  # decoded as code page 437
    with pytest.raises(InkError, match=r"inks\.zip: cannot be read as a zip \('utf-8' codec"):
        list(iterate_inks(patched(path, {8: 0x800})))


def test_an_empty_zip_has_no_inks(tmp_path):
    with zipfile.ZipFile(tmp_path / "inks.zip", "w"):
        pass
    assert list(iterate_inks(tmp_path / "inks.zip")) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
@pytest.mark.parametrize("name", ["inks.zip", "inks.tar"])
def test_a_system_error_is_not_reported_as_damage(tmp_path, name):
    (tmp_path / name).touch(0)
    with pytest.raises(InkError, match=r"cannot be read \(Permission denied\)$"):
        list(iterate_inks(tmp_path / name))
