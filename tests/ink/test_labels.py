import unicodedata

import pytest

from tegashiki.ink import labels
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.labels import LabelsError, find_name, label_of, own_label, read_labels, unused_names


@pytest.fixture
def table(tmp_path):
    def write(text):
        (tmp_path / "labels.tsv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "labels.tsv"

    return write


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a.b\tx ^ { 2 }\n\nc\t1\na.b\tx ^ { 2 }\n", {"a.b": "x ^ { 2 }", "c": "1"}),
        ("a.json\t+\nb.InkML\t-\nsub/c.inkml\tx", {"a": "+", "b": "-", "sub/c": "x"}),
        ("a\tx\t0.9\tsomebody\n", {"a": "x"}),
        ("\ufeffa\tx\r\nb\ty\r\n\r\n \n", {"a": "x", "b": "y"}),
        ("a\t\n", {"a": ""}),
        ("./sub/a.json\tx\nsub\\b.JSON\ty\n.\\c\tz\n d.inkml \tw", {"sub/a": "x", "sub/b": "y", "c": "z", "d": "w"}),
        ('a\t"x^2"\n"b.json"\t"f""(x)"\t1\nc\t"1\t2"\t3', {"a": "x^2", "b": 'f"(x)', "c": "1\t2"}),
        (
            'a\t"x\nb\t"y" + "z"\nc\t""',
            {"a": '"x', "b": '"y" + "z"', "c": ""},
        ),  # quotes that are not from a spreadsheet; an empty cell
        ("a\té\r\nb\ty".encode("utf-16"), {"a": "é", "b": "y"}),
        ("", {}),
    ],
)
def test_a_table_is_read(table, text, wanted):
    assert read_labels(table(text)) == wanted


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a\tx\nb y\n", r"labels\.tsv:2: no tab in 'b y'"),
        ("a\tx\n\na.json\ty\n", r"labels\.tsv:3: a second, different truth for a\.json"),
        (b"\xff\xfe\x00", r"labels\.tsv is not UTF-8"),
    ],
)
def test_errors_name_the_line(table, text, match):
    with pytest.raises(LabelsError, match=match):
        read_labels(table(text))


def test_warns_of_lines_that_match_no_ink():
    found = dict.fromkeys(("a", "sub/b", *"cdefgh"), "x")
    assert unused_names(found, ["x/a.json", "sub\\b.json", "./c", "d", "e"], "T") == (
        "3 of the 8 names in T match no ink, such as 'f'"
    )
    assert unused_names({"a": "x"}, ["a.json"], "T") is None


def test_refuses_tables_that_are_missing_or_too_large(table, tmp_path, monkeypatch):
    monkeypatch.setattr(labels, "MAX_LABELS", 3)
    with pytest.raises(InkError, match="more than 3 bytes"):
        read_labels(table("a\tbc"))
    with pytest.raises(LabelsError, match="no labels file"):
        read_labels(tmp_path / "none.tsv")


def test_the_whole_name_of_an_ink_takes_precedence():
    found = {"sub/a": "1", "a": "2"}
    assert [label_of(found, name) for name in ("sub/a.inkml", "a.json", "other/a.inkml", "b.json")] == [*"122", ""]
    assert (find_name(found, "other/a.inkml"), find_name(found, "b")) == ("a", None)
    assert find_name(found, "./all/sub/a.inkml") == "sub/a"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_names_are_equal(table, form):
    """macOS decomposes accents in file names, keyboards produce composed characters."""
    (found,) = read_labels(table(unicodedata.normalize(form, "é\tx"))).items()
    assert all(label_of(dict([found]), unicodedata.normalize(other, "é.json")) == "x" for other in ("NFC", "NFD"))


def test_names_are_compared_as_text_under_a_locale_without_accents(table):
    """Python then replaces each byte of an accent in a file name by a lone surrogate."""
    found = read_labels(table("sub/é\tx"))
    assert label_of(found, "sub/\udcc3\udca9.json") == "x"
    assert label_of(found, "sub/e\udccc\udc81.json") == "x"


def test_the_normalized_label_of_an_ink_takes_precedence():
    strokes = ([[0, 0], [1, 1]],)
    assert own_label(Ink(strokes, label="x^{2}", annotations={"normalizedLabel": "x^2"})) == "x^2"
    assert own_label(Ink(strokes, label="x^{2}")) == "x^{2}"
