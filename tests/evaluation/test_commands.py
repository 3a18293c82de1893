import json

import pytest

from tegashiki.cli import run_command
from tegashiki.latex.normalize import normalize
from tegashiki.open_model import origin
from tegashiki.recognizer.recognizer import Recognizer
from tests.recognizer.fake_recognizer import fake_recognizer


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A file that opens as a model with random parameters. `default` opens as the same model."""
    path = tmp_path / "model.tflite"
    path.write_bytes(b"")
    monkeypatch.setattr(Recognizer, "load", classmethod(lambda cls, path=None, **settings: fake_recognizer(**settings)))
    return str(path)


def run_eval(*arguments):
    return run_command("eval", [*map(str, arguments), "--processes", "1"])


def test_eval_prints_the_table_and_the_errors_and_writes_every_ink(model, inks, tmp_path, capsys):
    out = tmp_path / "out.json"
    assert run_eval(model, "--inkml", inks, "--beam", "5", "--json", out) == 0
    printed = capsys.readouterr().out
    assert "ExpRate" in printed
    assert "5 inks that cannot count as right" in printed
    assert "long.inkml: the ink has 9 strokes" in printed
    content = json.loads(out.read_text())
    assert (content["model"], content["beams"], content["restrict"], content["inks"]) == (model, 5, None, 6)
    assert len(content["per_ink"]) == 6
    assert content["figures"]["accuracy"].keys() == {"value", "low", "high"}
    assert "token accuracy, no end %" in printed
    assert "attention" not in out.read_text()


def test_a_result_records_seeds_and_versions(model, inks, tmp_path):
    assert run_eval(model, "--inkml", inks, "--json", tmp_path / "out.json", "--report", tmp_path / "page") == 0
    result = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert {"tegashiki", "python", "numpy"} <= result["versions"].keys()
    assert result["seeds"] == {"bootstrap": 0, "training": None}
    assert f"numpy {result['versions']['numpy']}" in (tmp_path / "page" / "index.html").read_text("utf-8")


def test_an_undecodable_file_name_is_kept(model, inks, tmp_path):
    try:
        (inks / "good.inkml").rename(inks / "g\udcff.inkml")
    except OSError:
        pytest.skip("this file system wants names that are text")
    assert run_eval(model, "--inkml", inks, "--json", tmp_path / "out.json", "--report", tmp_path / "page") == 0
    files = [each["file"] for each in json.loads((tmp_path / "out.json").read_text("utf-8"))["per_ink"]]
    assert "g\udcff.inkml" in files


def test_an_unwritable_page_is_reported_before_the_evaluation(model, inks, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run_eval(model, "--inkml", inks, "--report", tmp_path / "file" / "page") == 2
    printed = capsys.readouterr()
    assert "file is a file: give a folder" in printed.err and not printed.out


def test_the_origin_is_determined_once(model, inks, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "tegashiki.open_model.origin", lambda model, **seeds: asked.append(model) or origin(model, **seeds)
    )
    assert run_eval(model, "--inkml", inks, "--json", tmp_path / "out.json", "--report", tmp_path / "page") == 0
    assert asked == [model]


def test_eval_scores_the_output_of_another_recogniser(inks, tmp_path, capsys):
    def run_eval(*arguments):
        return run_command("eval", [*map(str, arguments)])

    assert run_eval("--predictions", "nowhere.tsv", "--inkml", inks) == 2
    assert "no labels file nowhere.tsv" in capsys.readouterr().err
    predictions, out = tmp_path / "theirs.tsv", tmp_path / "out.json"
    predictions.write_text("good\t{x}^2\nouter\tx\n")
    assert run_eval("--predictions", predictions, "--inkml", inks, "--json", out) == 2
    assert "names 1 inks that are not in the set, such as 'outer'" in capsys.readouterr().err
    predictions.write_text("good\t{x}^2\noutside\tx+\\nabla\n")
    assert run_eval("--predictions", predictions, "--inkml", inks, "--json", out) == 0
    assert "MathWriting's" in capsys.readouterr().out
    content = json.loads(out.read_text())
    assert content["exprate"] == pytest.approx(100 * 2 / 6)
    assert "beams" not in content
    assert "accuracy" not in content["figures"]


def test_eval_writes_label_graphs(model, inks, tmp_path, capsys):
    assert run_eval(model, "--inkml", inks, "--label-graphs", tmp_path / "lg") == 0
    assert "3 label graphs" in capsys.readouterr().out  # of the truths that parse
    assert (tmp_path / "lg/symbols/truth/good.lg").read_text().count("O, ") == 2


def test_eval_writes_a_report_of_every_ink(model, inks, tmp_path, capsys):
    assert run_eval(model, "--inkml", inks, "--beam", "3", "--report", tmp_path / "report") == 0
    path = tmp_path / "report" / "index.html"
    assert f"open {path}" in capsys.readouterr().out
    assert path.read_text("utf-8").count('"candidates":') == 6


def test_compare_prints_the_differences_and_writes_a_page(model, inks, tmp_path, capsys):
    results = [str(tmp_path / name) for name in ("a.json", "b.json")]
    for result, beam in zip(results, "15", strict=True):
        assert run_eval(model, "--inkml", inks, "--beam", beam, "--json", result) == 0
    capsys.readouterr()
    assert run_command("compare", [*results, "--report", str(tmp_path / "page")]) == 0
    printed = capsys.readouterr().out
    assert "Of 6 inks, only B recognises 0 exactly" in printed
    assert (tmp_path / "page" / "index.html").read_text("utf-8").count('"kind":') == 6
    assert run_command("compare", [results[0], str(tmp_path / "none.json")]) == 2
    assert "give a file that `eval --json` wrote" in capsys.readouterr().err
    predictions = tmp_path / "theirs.tsv"
    predictions.write_text("good\tx\n")
    theirs = ["--predictions", predictions, "--inkml", inks / "good.inkml", "--json", tmp_path / "c.json"]
    assert run_command("eval", [*map(str, theirs)]) == 0
    assert run_command("compare", [results[0], str(tmp_path / "c.json")]) == 2
    assert "6 and 1 inks" in capsys.readouterr().err


@pytest.mark.parametrize("source", [{}, {"dataset": "embedded"}, {"dataset": 5, "split": "test"}, {"inkml": None}])
def test_compare_needs_a_result_that_records_its_inks(model, inks, tmp_path, source, capsys):
    result = tmp_path / "a.json"
    assert run_eval(model, "--inkml", inks, "--json", result) == 0
    content = json.loads(result.read_text("utf-8"))
    del content["inkml"]
    result.write_text(json.dumps({**content, **source}), "utf-8")
    assert run_command("compare", [str(result), str(result), "--report", str(tmp_path / "page")]) == 2
    assert "a.json does not say which inks it was made on" in capsys.readouterr().err


def test_an_output_that_is_an_input_is_refused(model, inks, tmp_path, capsys):
    labels, ink = tmp_path / "labels.tsv", inks / "good.inkml"
    labels.write_text("good\tx\n")
    was = ink.read_bytes()
    for path in (ink, labels, model):
        assert run_eval(model, "--inkml", ink, "--labels", labels, "--json", path) == 2
        assert f"--json {path} is another file of this command" in capsys.readouterr().err
    assert run_command("eval", ["--predictions", str(labels), "--inkml", str(ink), "--json", str(labels)]) == 2
    assert run_command("inspect", [str(ink), "--output", str(ink)]) == 2
    assert f"--output {ink} is another file of this command" in capsys.readouterr().err
    assert (labels.read_text(), ink.read_bytes()) == ("good\tx\n", was)


def test_eval_with_labels_and_a_restriction(model, inks, tmp_path):
    out, labels = tmp_path / "out.json", tmp_path / "labels.tsv"
    labels.write_text("good\tx\noutside\t\\alpha\nlong\t\\frac { 1 } { 2 }\n")
    assert run_eval("default", "--inkml", inks, "--labels", labels, "--restrict", "crohme", "--json", out) == 0
    errors = {entry["file"]: entry["error"] for entry in json.loads(out.read_text())["per_ink"]}
    assert errors["good.inkml"] is errors["outside.inkml"] is None
    assert "no truth" in errors["unparsable.inkml"]


def test_eval_warns_about_labels_that_match_no_ink(model, inks, tmp_path, capsys):
    labels = tmp_path / "labels.tsv"
    labels.write_text("typo\tx\ngood.inkml\tx\nother\ty\n")
    assert run_eval(model, "--inkml", inks, "--labels", labels) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "labels.tsv" in line]
    assert said == [f"2 of the 3 names in {labels} match no ink, such as 'typo'"]
    labels.write_text("good\tx\nunnamed\ty\n")
    assert run_eval(model, "--inkml", inks, "--labels", labels) == 0
    assert "match no ink" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nowhere.tflite", "--inkml", "."], "no model nowhere.tflite"),
        (["MODEL", "--inkml", "nowhere"], "no ink nowhere"),
        (["MODEL", "--inkml", ".", "--labels", "nowhere.tsv"], "no labels file nowhere.tsv"),
        (["MODEL", "--inkml", ".", "--beam", "6"], "1 to 5"),
        (["MODEL", "--inkml", ".", "--restrict", "klingon"], "choose from calculator, crohme"),
        (["MODEL", "--inkml", ".", "--json", "nowhere/out.json"], "cannot be written"),
        (["MODEL", "--inkml", ".", "--report", "FILE"], "is a file: give a folder"),
        (["MODEL", "--inkml", ".", "--split", "test"], "go with --dataset"),
        (["MODEL", "--dataset", "crohme"], "needs --split"),
        (["MODEL", "--dataset", "", "--split", "test"], "'' is not prepared in"),
        (["MODEL", "--dataset", "embedded", "--split", "test[foo]"], "no split 'test[foo]'"),
        (["--dataset", "crohme", "--split", "s"], "either a MODEL to evaluate or --predictions"),
        (["MODEL", "--predictions", "x", "--inkml", "."], "either a MODEL to evaluate or --predictions"),
        (["--predictions", "nowhere.tsv", "--inkml", "."], "go with a MODEL"),  # run_eval gives --processes
        (["MODEL", "--dataset", "crohme", "--split", "s", "--labels", "x"], "--labels goes with --inkml"),
    ],
)
def test_eval_reports_user_errors_in_one_line_with_status_2(model, arguments, text, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    named = {"MODEL": model, "FILE": model}
    assert run_eval(*[named.get(argument, argument) for argument in arguments]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("tegashiki eval: error: ")
    assert text in error


def test_recognize_prints_candidates_and_reports_unreadable_inks(model, inks, capsys):
    assert run_command("recognize", [model, str(inks / "good.inkml"), "-n", "3"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert 1 <= len(lines) <= 3
    assert all(name == "good.inkml" and 0 <= float(probability) <= 1 and latex for name, probability, latex in lines)
    assert run_command("recognize", [model, str(inks)]) == 1
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 4
    assert "long.inkml: the ink has 9 strokes" in captured.err
    assert "empty.inkml: " in captured.err


def test_recognize_without_a_model_takes_the_default(model, inks, capsys):
    assert run_command("recognize", [str(inks / "good.inkml")]) == 0
    assert capsys.readouterr().out.startswith("good.inkml\t")


def test_recognize_jsonl(model, inks, capsys):
    assert run_command("recognize", [model, str(inks), "--jsonl", "-n", "2"]) == 1
    lines = {line["file"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert len(lines) == 6
    assert lines["long.inkml"]["candidates"] == []
    assert "9 strokes" in lines["long.inkml"]["error"]
    best = lines["good.inkml"]["candidates"][0]
    assert normalize(best["latex"]) == tuple(best["tokens"])
    assert sorted(stroke for group in best["strokes"] for stroke in group) == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["MODEL"], "no ink given"),
        (["MODEL", "nowhere.inkml"], "no ink nowhere.inkml"),
        (["MODEL", "INK", "-n", "6"], "1 to 5"),
        (["MODEL", "INK", "--beam", "9"], "1 to 5"),
        (["MODEL", "EMPTY"], "no ink in"),
        (["nowhere.tflite", "INK"], "no model nowhere.tflite"),
    ],
)
def test_recognize_reports_user_errors_in_one_line_with_status_2(model, inks, arguments, text, capsys, tmp_path):
    (tmp_path / "none").mkdir()
    named = {"MODEL": model, "INK": str(inks / "good.inkml"), "EMPTY": str(tmp_path / "none")}
    assert run_command("recognize", [named.get(argument, argument) for argument in arguments]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("tegashiki recognize: error: ")
    assert text in error


def test_inspect_shows_the_training_inks_of_a_config(tmp_path, capsys):
    config, page = tmp_path / "small.py", tmp_path / "page.html"
    config.write_text(
        "from tegashiki.training.config import Config, DataConfig\n"
        "from tegashiki.synthesis.recombine import RecombineConfig\n"
        "data = DataConfig(dataset='embedded', train_inks=40, validation_inks=5, buckets=2)\n"
        "config = Config(name='small', data=data, recombine=RecombineConfig())\n"
    )
    assert run_command("inspect", [str(config), "--output", str(page)]) == 0
    assert "300 inks" in capsys.readouterr().out
    assert "small/299" in page.read_text(encoding="utf-8")


def test_inspect_writes_a_page_of_files_and_of_datasets(inks, tmp_path, capsys):
    page = tmp_path / "inks.html"
    assert run_command("inspect", [str(inks), "--output", str(page)]) == 0
    assert f"6 inks: open {page}" in capsys.readouterr().out
    drawn = ["embedded:test[:3]", "--data-dir", str(tmp_path), "--output", str(page)]
    assert run_command("inspect", drawn) == 0
    assert page.read_text("utf-8").count('"groups":') == 3
    assert run_command("inspect", [str(inks), "--output", str(tmp_path)]) == 2
    assert "is a folder: give the .html file" in capsys.readouterr().err
    assert run_command("inspect", ["nowhere", "--data-dir", str(tmp_path), "--output", str(page)]) == 2
    assert "nowhere is not prepared" in capsys.readouterr().err
    assert run_command("inspect", [str(tmp_path / "missing.inkml"), "--output", str(page)]) == 2
    assert "missing.inkml is not prepared" in (said := capsys.readouterr().err) and "it is not a file either" in said
