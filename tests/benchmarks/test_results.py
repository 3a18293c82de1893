import pytest

from benchmarks.accuracy import results

TABLE = """# readme
<!-- make results -->

| model | size | test_a ExpRate | <=1 | CER | test_b ExpRate |
| --- | --- | --- | --- | --- | --- |
| **`default`, the int8 `.tflite`** | 1.50 MB | **63.49** | 77.8 | 0.0839 | 62.77 |
| the same with `--beam 5` | 1.50 MB | 64.00 | 78.0 | 0.0800 | 63.00 |
| `other`, a checkpoint | 2 M parameters | 1 | 2 | 3 | 4 |
| the same with `--beam 5` | 2 M parameters | 1 | 2 | 3 | 4 |
<!-- end of make results -->
text
"""
MEASURED = {
    "": {"test_a": {"exprate": 63.4888, "exprate_le1": 77.79, "cer": 0.08391}, "test_b": {"exprate": 62.7732}},
    "--beam 5": {"test_a": {"exprate": 64.0, "exprate_le1": 78.01, "cer": 0.08}, "test_b": {"exprate": 63.0}},
}


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    (tmp_path / "default.tflite").write_bytes(bytes(1_500_000))
    monkeypatch.setattr(results, "DEFAULT_MODEL", tmp_path / "default.tflite")


def test_what_is_stated_right_is_left_as_it_is():
    asked = []

    def measure(options, split):
        asked.append((*options, split))
        return MEASURED[" ".join(options)][split]

    assert results.rebuild(TABLE, measure) == (TABLE, [])
    assert asked == [("test_a",), ("test_b",), ("--beam", "5", "test_a"), ("--beam", "5", "test_b")]


@pytest.mark.parametrize(
    ("right", "stated", "difference"),
    [
        ("**63.49**", "**63.59**", "default test_a ExpRate: README.md states 63.59, measured 63.49"),
        ("0.0839", "0.0838", "default test_a CER: README.md states 0.0838, measured 0.0839"),
        ("| 63.00 |\n", "| 63.01 |\n", "default --beam 5 test_b ExpRate: README.md states 63.01, measured 63.00"),
    ],
)
def test_a_figure_that_differs_is_named_and_corrected(right, stated, difference):
    text = TABLE.replace(right, stated)
    assert text != TABLE
    rebuilt, differences = results.rebuild(text, lambda options, split: MEASURED[" ".join(options)][split])
    assert differences == [difference]
    assert rebuilt == TABLE


def test_another_file_than_the_one_that_was_measured_is_noticed():
    results.DEFAULT_MODEL.write_bytes(bytes(1_600_000))
    _, differences = results.rebuild(TABLE, lambda options, split: MEASURED[" ".join(options)][split])
    assert [each.rpartition(": ")[2] for each in differences] == ["README.md states 1.50 MB, measured 1.60 MB"] * 2


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("no table", "lacks the lines"),
        (f"{results.BEGIN}\n{results.END}", "no table between"),
        (TABLE.replace("`default`", "`another`"), "no row"),
        (TABLE.replace("| 64.00 ", ""), r"README.md:7 has 5 cells, its table 6"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(text, error):
    with pytest.raises(SystemExit, match=error):
        results.parse(text.splitlines())


def test_the_readme_has_the_table():
    columns, rows = results.parse(results.README.read_text("utf-8").splitlines())
    assert {split for split, name in columns if name in results.FIGURES} == {"test_2014", "test_2016"}
    assert rows[0].options == []
