import json
from pathlib import Path

import pytest

from tegashiki.cli import main
from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.recognizer import DEFAULT_MODEL
from tegashiki.recognizer.site import RECORD, write_site

FILES = {"index.html": b"one", "types/a.d.ts": b"two"}


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_site_is_written_into_a_new_folder(tmp_path):
    write_site(tmp_path / "new" / "site", FILES, "1")
    found = contents(tmp_path / "new" / "site")
    assert json.loads(found.pop(RECORD))["files"].keys() == FILES.keys()
    assert found == FILES


def test_a_site_is_replaced_and_other_files_stay(tmp_path):
    write_site(tmp_path, FILES, "1")
    (tmp_path / "CNAME").write_text("example.org")
    write_site(tmp_path, {"index.html": b"three"}, "2")
    found = contents(tmp_path)
    assert json.loads(found.pop(RECORD))["tegashiki"] == "2"
    assert found == {"index.html": b"three", "CNAME": b"example.org"}


def test_an_interrupted_site_is_completed(tmp_path):
    (tmp_path / "index.html").write_bytes(FILES["index.html"])
    write_site(tmp_path, FILES, "1")
    assert contents(tmp_path).keys() == {*FILES, RECORD}


def make_file(folder):
    (folder / "index.html").write_text("mine")


def make_folder(folder):
    (folder / "index.html").mkdir()


def make_link(folder):
    (folder / "index.html").symlink_to("elsewhere")


def change(folder):
    write_site(folder, FILES, "1")
    (folder / "index.html").write_text("changed")


@pytest.mark.parametrize("make", [make_file, make_folder, make_link, change])
def test_files_of_others_are_not_replaced(make, tmp_path):
    make(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(RecognizerError, match=r"index\.html exists and was not written by `tegashiki site`"):
        write_site(tmp_path, FILES | {"index.html": b"new", "page.js": b"new"}, "2")
    assert contents(tmp_path) == before


def test_a_changed_file_that_a_new_version_lacks_stays(tmp_path):
    change(tmp_path)
    write_site(tmp_path, {"page.js": b"new"}, "2")
    assert (tmp_path / "index.html").read_text() == "changed"


@pytest.mark.parametrize("record", ["no JSON", "[]", '{"files": 3}'])
def test_a_damaged_record_is_an_error(record, tmp_path):
    (tmp_path / RECORD).write_text(record)
    with pytest.raises(RecognizerError, match="is damaged"):
        write_site(tmp_path, FILES, "1")
    assert contents(tmp_path).keys() == {RECORD}


def test_a_record_cannot_delete_files_outside_of_the_site(tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"one")
    site = tmp_path / "site"
    write_site(site, FILES, "1")
    record = json.loads((site / RECORD).read_text())
    record["files"] |= {"../victim": record["files"]["index.html"], str(victim): record["files"]["index.html"]}
    (site / RECORD).write_text(json.dumps(record))
    write_site(site, FILES, "2")
    assert victim.exists()


def test_the_command_writes_the_page_with_its_model_and_says_how_to_serve_it(tmp_path, capsys):
    model = tmp_path / "own.tflite"
    model.write_bytes(DEFAULT_MODEL.read_bytes())
    site = tmp_path / "site"
    assert main(["site", str(site), "--model", str(model)]) == 0
    assert (site / "model.tflite").read_bytes() == model.read_bytes()
    assert "NON-COMMERCIAL" in (site / "MODEL-LICENSE.txt").read_text("utf-8")
    assert f"python -m http.server --directory {site} 8000" in capsys.readouterr().out
    assert main(["site", str(site)]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["file"], "file is a file"),
        (["site", "--model", "file"], "file is damaged, or not a model file"),
        (["site", "--model", "missing.tflite"], "missing.tflite cannot be read"),
    ],
)
def test_the_command_reports_bad_arguments(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("no model")
    assert main(["site", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
