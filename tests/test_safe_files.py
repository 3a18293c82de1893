import os
import threading
from pathlib import Path

import pytest

from tegashiki.errors import UserError
from tegashiki.safe_files import atomic_write, check_distinct, check_output


def write(path, text):
    with atomic_write(path) as unfinished:
        unfinished.write_text(text)


def test_the_old_file_stays_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "a.json"
    write(path, "old")
    with pytest.raises(OSError, match=f"No space left on device: '{path}'"), atomic_write(path) as unfinished:
        unfinished.write_text("ne")
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old"
    write(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_requested_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"'{tmp_path}/none/a.json'$"):
        write(tmp_path / "none" / "a.json", "")
    with pytest.raises(IsADirectoryError, match=f"'{tmp_path}'$"):
        write(tmp_path, "")


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = tmp_path / "a.json"
    link.symlink_to("elsewhere/b.json")
    for text in ("first", "second"):
        write(link, text)
        assert link.is_symlink() and (folder / "b.json").read_text() == text
    assert list(folder.iterdir()) == [folder / "b.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_written_directly(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    write(pipe, "text")
    assert pipe.is_fifo() and list(tmp_path.iterdir()) == [pipe]
    reader.join(10)
    assert read == ["text"]


def test_check_output_refuses_unwritable_paths(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "none" / "a.json", tmp_path / "file" / "a.json"):
        with pytest.raises(UserError, match=f"--json {path} cannot be written: give a file in a folder that exists"):
            check_output("--json", path)
    for path in (tmp_path / "file", tmp_path / "new", Path(os.devnull)):
        check_output("--json", path, None, "default", tmp_path)


def test_check_distinct_refuses_other_names_of_one_file(tmp_path):
    ink = tmp_path / "x.inkml"
    ink.write_text("")
    (tmp_path / "link").symlink_to(ink)
    for path in (ink, tmp_path / "link", tmp_path / "none" / ".." / "x.inkml"):
        with pytest.raises(
            UserError, match=f"--output {path} is another file of this command, which would be overwritten"
        ):
            check_distinct("--output", path, None, ink)
