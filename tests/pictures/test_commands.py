"""Pictures in `tegashiki recognize`, `eval`, `inspect` and `serve`, with a model of random parameters."""

import json
import sys

import numpy as np
import pytest

pytest.importorskip("skimage", reason="the extra `pictures` is not installed")

from tegashiki.cli import main
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
from tegashiki.recognizer.recognizer import Recognizer
from tests.recognizer.fake_recognizer import fake_recognizer

from .pictures import drawn, encoded

PLUS = [np.array([[0.0, 5], [10, 5]]), np.array([[5.0, 0], [5, 10]])]
PICTURE = drawn(PLUS, 40)


@pytest.fixture(autouse=True)
def model(monkeypatch):
    monkeypatch.setattr(Recognizer, "load", classmethod(lambda cls, path=None, **settings: fake_recognizer(**settings)))


@pytest.fixture
def folder(tmp_path):
    """A folder with an ink, a picture, a picture of two lines, a broken one and a note."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "ink.inkml").write_text(write_inkml(Ink(tuple(PLUS))))
    (folder / "one.png").write_bytes(encoded(PICTURE))
    (folder / "two.jpg").write_bytes(encoded(np.concatenate([PICTURE, PICTURE]), "JPEG", quality=95))
    (folder / "bad.png").write_bytes(b"\x89PNG")
    (folder / "note.txt").write_text("x")
    return folder


def recognized(capsys, *arguments):
    status = main(["recognize", *map(str, arguments), "--jsonl"])
    return status, {line["file"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}


def test_recognize_reads_pictures_among_inks_line_by_line(folder, capsys):
    status, lines = recognized(capsys, folder)
    assert status == 1, "one picture is broken"
    assert list(lines) == ["bad.png", "ink.inkml", "one.png", "two.jpg:1", "two.jpg:2"]
    assert lines["bad.png"]["error"].startswith("not a picture that can be read")
    assert all(line["candidates"] for name, line in lines.items() if name != "bad.png")


def test_recognize_names_the_lines_of_pictures_by_their_paths(folder, capsys):
    status, lines = recognized(capsys, folder / "one.png", folder / "two.jpg")
    assert (status, list(lines)) == (0, [f"{folder}/one.png", f"{folder}/two.jpg:1", f"{folder}/two.jpg:2"])


def test_recognize_without_the_extra_reads_the_other_inks(folder, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tegashiki.pictures.picture", None)
    _, lines = recognized(capsys, folder)
    assert lines["ink.inkml"]["candidates"]
    assert lines["one.png"]["error"].endswith("pip install 'tegashiki[pictures]'")


def test_eval_scores_pictures_with_labels(folder, tmp_path, capsys):
    labels, out = tmp_path / "labels.tsv", tmp_path / "out.json"
    labels.write_text("one.png\t+ 1\ntwo\tx\nbad.png\ty\n")
    arguments = ["eval", "default", "--pictures", str(folder), "--processes", "1", "--json", str(out)]
    assert main([*arguments, "--labels", str(labels)]) == 0
    result = json.loads(out.read_text())
    assert result["pictures"] == str(folder) and "inkml" not in result
    assert [each["file"] for each in result["per_ink"]] == ["bad.png", "one.png", "two.jpg"], "no ink"
    assert "match no ink" not in capsys.readouterr().err
    assert main(arguments) == 2
    assert "--pictures needs --labels" in capsys.readouterr().err


def test_inspect_shows_picture_strokes_and_reading(folder, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert main(["inspect", str(folder), "--output", str(page)]) == 0
    text = page.read_text("utf-8")
    assert text.count('"preview":"data:image/jpeg;base64,') == 2
    assert "not a picture that can be read" in text


def test_the_server_reads_pictures(tmp_path):
    pytest.importorskip("fastapi", reason="the extra `serve` is not installed")
    from tegashiki.server.description import MAX_BODY
    from tests.server.test_app import asked, serving

    with serving(fake_recognizer(), tmp_path / "none") as address:
        for kind in ("image/png", "application/x-www-form-urlencoded"):
            response, content = asked(address, "POST", "/recognize?n=2", encoded(PICTURE), {"Content-Type": kind})
            answer = json.loads(content)
            assert response.status == 200 and len(answer["lines"]) == 1
            assert answer["candidates"] == answer["lines"][0]["candidates"] and len(answer["candidates"]) == 2
            assert len(answer["lines"][0]["ink"]) == 2, "the strokes of the plus sign"
        two = encoded(np.concatenate([PICTURE, PICTURE]))
        assert len(json.loads(asked(address, "POST", "/recognize", two)[1])["lines"]) == 2
        response, content = asked(address, "POST", "/recognize", b"\x89PNG", {"Content-Type": "image/png"})
        assert response.status == 400 and json.loads(content)["error"].startswith("not a picture")
        large = b"\x89PNG" + bytes(MAX_BODY)
        assert asked(address, "POST", "/recognize", large, {"Content-Type": "image/png"})[0].status == 400
        assert asked(address, "POST", "/recognize", large)[0].status == 413


def test_an_interrupted_run_continues_after_a_line_of_a_picture(tmp_path):
    (tmp_path / "inks").mkdir()
    (tmp_path / "inks" / "two.png").write_bytes(encoded(np.concatenate([PICTURE, PICTURE])))
    results = tmp_path / "results.jsonl"
    call = ["recognize", str(tmp_path / "inks"), "--results", str(results)]
    assert main(call) == 0
    settings, first, second = results.read_text().splitlines()
    assert [json.loads(line)["file"] for line in (first, second)] == ["two.png:1", "two.png:2"]
    for kept in ([settings], [settings, first], [settings, first, second]):
        results.write_text("\n".join(kept) + "\n")
        assert main([*call, "--resume"]) == 0
        assert [json.loads(line)["file"] for line in results.read_text().splitlines()[1:]] == ["two.png:1", "two.png:2"]
