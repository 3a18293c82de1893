import lzma

import pytest

from tegashiki.errors import UserError
from tegashiki.safe_files import iterate_lines

TEXT = "".join(f"\\alpha_{{{number}}} é\n" for number in range(500))


@pytest.mark.parametrize(("name", "pack"), [("a.txt", bytes), ("a.txt.xz", lzma.compress)])
def test_reads_lines_compressed_or_not(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(TEXT.encode()))
    assert list(iterate_lines(tmp_path / name)) == TEXT.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.xz", lzma.compress(TEXT.encode())[:-40]),
        ("plain.xz", TEXT.encode()),
        ("latin.xz", lzma.compress(TEXT.encode("latin-1"))),
        ("latin.txt", TEXT.encode("latin-1")),
    ],
)
def test_names_a_file_that_is_damaged_or_not_text(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=rf"{name} cannot be read \(.*\): expected UTF-8 text"):
        list(iterate_lines(tmp_path / name))
