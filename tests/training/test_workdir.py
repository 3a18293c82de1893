"""Local work directories and their locks, and remote ones in a fake object storage in memory."""

import errno
import importlib.util
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from etils import epath
from etils.epath import backend, gpath
from fsspec.implementations.memory import MemoryFileSystem

from tegashiki.errors import UserError
from tegashiki.training import file_lock
from tegashiki.training.checkpoint import CheckpointError, find_checkpoint, load_checkpoint
from tegashiki.training.parameters import read_about, read_parameters, write_parameters
from tegashiki.training.workdir import LiteralPath, Workdir, children, locate


class Bucket(MemoryFileSystem):
    """A file system in memory for `gs://` addresses."""

    @classmethod
    def _strip_protocol(cls, path):
        return MemoryFileSystem._strip_protocol(path.replace("gs://", "memory://"))

    def _open(self, path, mode="rb", **kwargs):
        assert "a" not in mode, "object storage cannot append"
        return super()._open(path, mode, **kwargs)


@pytest.fixture(autouse=True)
def bucket(monkeypatch):
    """Let epath use the fake bucket instead of TensorFlow's own access to `gs://`."""
    bucket = Bucket(skip_instance_cache=True)
    bucket.store = {}
    monkeypatch.setattr(gpath, "_is_tf_installed", lambda: False)
    monkeypatch.setattr(type(backend.fsspec_backend), "fs", lambda self, path: bucket)


def test_local_work_directory_is_used_directly(tmp_path):
    workdir = Workdir(tmp_path / "run")
    (workdir.local / "metrics.jsonl").write_text("one\n")
    workdir.publish()
    assert (tmp_path / "run" / "metrics.jsonl").read_text() == "one\n"
    assert workdir.path == locate(tmp_path / "run")


def test_logs_are_published_and_continued_after_a_resume():
    first = Workdir("gs://bucket/run")
    (first.local / "tensorboard").mkdir()
    (first.local / "tensorboard" / "events").write_bytes(b"board")
    (first.local / "metrics.jsonl").write_text("one\n")
    first.publish()
    assert (first.path / "tensorboard" / "events").read_bytes() == b"board"
    second = Workdir("gs://bucket/run")
    with (second.local / "metrics.jsonl").open("a") as log:
        log.write("two\n")
    second.publish()
    assert (second.path / "metrics.jsonl").read_text() == "one\ntwo\n"


def test_parameters_and_checkpoints_are_found_in_a_bucket():
    path = locate("gs://bucket/run/parameters.npz")
    write_parameters(path, {"a": np.arange(3.0)}, {"name": "x"})
    assert read_about(path) == {"name": "x"}
    np.testing.assert_array_equal(read_parameters(path, {"a": np.zeros(3)})["a"], [0, 1, 2])
    for step in (20, 100, 120):
        (locate(f"gs://bucket/run/checkpoints/latest/{step}") / "about").mkdir(parents=True)
    assert find_checkpoint("gs://bucket/run", "latest") is None
    for step in (20, 100):  # the file with which Orbax marks finished checkpoints; step 120 is unfinished
        (locate(f"gs://bucket/run/checkpoints/latest/{step}") / "commit_success.txt").write_text("committed")
    assert str(find_checkpoint("gs://bucket/run", "latest")).endswith("checkpoints/latest/100")


def test_error_names_a_storage_that_cannot_be_used(monkeypatch):
    def no_such_module(self, path):
        raise ImportError("gcsfs is not installed")

    monkeypatch.setattr(type(backend.fsspec_backend), "fs", no_such_module)
    with pytest.raises(UserError, match="gs://bucket/run cannot be written: gcsfs is not installed"):
        Workdir("gs://bucket/run")


def test_other_addresses_than_gs_are_refused():
    with pytest.raises(UserError, match=r"https://example\.org/model\.tflite is not an address that tegashiki reads"):
        locate("https://example.org/model.tflite")


def test_error_names_a_bucket_that_cannot_be_reached(monkeypatch):
    def unreachable(self, path):
        raise RuntimeError("no credentials\nand a page more")

    monkeypatch.setattr(type(backend.fsspec_backend), "fs", unreachable)
    with pytest.raises(CheckpointError, match=r"gs://bucket/run cannot be read: no credentials$"):
        load_checkpoint("gs://bucket/run")


def test_work_directory_is_locked_for_one_run(tmp_path):
    one, other = Workdir(tmp_path / "run"), Workdir(tmp_path / "run")
    with (
        one.exclusive_lock(),
        pytest.raises(UserError, match="run is used by another run"),
        other.exclusive_lock(),
    ):
        pass
    with other.exclusive_lock():
        pass


def test_run_starts_on_a_file_system_without_locks(tmp_path, monkeypatch, capsys):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with Workdir(tmp_path / "run").exclusive_lock():
        assert "run cannot be locked (No locks available): start no second run" in capsys.readouterr().err


@pytest.fixture
def windows(monkeypatch):
    """Simulate `file_lock` on Windows, which has msvcrt instead of fcntl; return the set of held locks."""
    held = set()

    def locking(descriptor, mode, length):
        assert length == 1
        place = os.fstat(descriptor).st_ino
        if mode == "lock":
            if place in held:
                raise PermissionError(errno.EACCES, "Permission denied")
            held.add(place)
        else:
            held.remove(place)

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK="lock", LK_UNLCK="unlock"))
    monkeypatch.setattr("tegashiki.training.workdir.locked", fresh(file_lock).locked)
    return held


def fresh(module):
    """A new copy of a module, which imports other modules in their present state."""
    spec = importlib.util.spec_from_file_location("fresh", module.__file__)
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    return copy


def test_work_directory_is_locked_on_windows(tmp_path, windows):
    one, other = Workdir(tmp_path / "run"), Workdir(tmp_path / "run")
    with (
        one.exclusive_lock(),
        pytest.raises(UserError, match="run is used by another run"),
        other.exclusive_lock(),
    ):
        pass
    with other.exclusive_lock():
        assert len(windows) == 1
    assert not windows


def test_run_starts_with_a_python_without_locks(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    monkeypatch.setattr("tegashiki.training.workdir.locked", fresh(file_lock).locked)
    with Workdir(tmp_path / "run").exclusive_lock():
        assert "run cannot be locked (this Python has no file locks)" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["run[1]", "[a-z]", "a*", "a?", "run["])
def test_name_of_a_folder_is_not_a_pattern(tmp_path, name):
    folder = locate(tmp_path / name) / "within"
    folder.mkdir(parents=True)
    (folder / "part.1").write_text("")
    (folder / "other").write_text("")
    found = list(epath.Path(folder).glob("part.*"))
    assert found == [folder / "part.1"] and isinstance(found[0], LiteralPath)
    assert sorted(path.name for path in children(folder)) == ["other", "part.1"]
    assert children(folder / "missing") == []


def test_remote_folder_with_a_special_name_is_listed():
    folder = locate("gs://bucket/run[1]")
    (folder / "checkpoints").mkdir(parents=True)
    assert [path.name for path in children(folder)] == ["checkpoints"]
    assert children(folder / "missing") == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gs://bucket/run[1]", r"Orbax interprets \[ in an address"),
        ("gs://bucket/a*?", r"Orbax interprets \* \? in an address"),
        ("a\\b", "tensorstore interprets a backslash"),
        ("caf\udce9", "not UTF-8"),
    ],
)
def test_names_that_would_lose_checkpoints_are_refused(tmp_path, name, reason):
    place = name if name.startswith("gs://") else tmp_path / name
    with pytest.raises(UserError, match=f"no checkpoint can be saved there .*{reason}.*--workdir"):
        Workdir(place)
    assert not list(tmp_path.iterdir()), "a folder was created"
