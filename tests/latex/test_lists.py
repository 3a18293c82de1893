"""Compare the raw truth of every ink with the published label lists. docs/normalisation.md explains the differences."""

import html
import os
import re
import tarfile
from pathlib import Path

import pytest

from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize, slots
from tegashiki.latex.vocabulary import CROHME_TOKENS, DEFAULT_VOCABULARY

from .walks import GRAMMAR

DATA = Path(os.environ.get("TEGASHIKI_DATA", ""))
pytestmark = pytest.mark.skipif(
    not (os.environ.get("TEGASHIKI_DATA") and (DATA / "labels").is_dir()),
    reason="TEGASHIKI_DATA does not name a folder with labels/ and crohme-inkml/",
)

# The differences that docs/normalisation.md lists.
UNEQUAL = {
    "train-2014": {"formulaire003-equation039"},
    "test-2014": {"RIT_2014_190", "RIT_2014_191", "RIT_2014_216", "RIT_2014_309"},
    "test-2016": set(),
}
FILES = {"train-2014": 8814, "test-2014": 986, "test-2016": 1147}


def truths(archive):
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.endswith(".inkml") and member.size:
                content = tar.extractfile(member).read()
                try:
                    text = content.decode()
                except UnicodeDecodeError:
                    text = content.decode("latin-1")
                truth = re.search(r'<annotation(?: type="truth")?>(.*?)</annotation>', text, re.DOTALL)
                yield Path(member.name).stem, html.unescape(truth[1])


def labels(name):
    return dict(line.split("\t")[:2] for line in (DATA / "labels" / name).read_text("utf-8").splitlines())


def tokens_or_error(latex):
    try:
        return normalize(latex)
    except LatexError as error:
        return error


@pytest.mark.parametrize("name", FILES)
def test_truths_equal_the_label_lists(name):
    wanted = labels(f"crohme-{name}.tsv")
    doubtful = labels("crohme-train-2014-doubtful.tsv") if name == "train-2014" else {}
    compared, unequal, outside = 0, set(), set()
    for stem, truth in truths(DATA / "crohme-inkml" / f"{name}.tar.xz"):
        if stem not in wanted or stem in doubtful:
            continue
        label = normalize(wanted[stem])
        compared += 1
        outside |= set(label) - CROHME_TOKENS
        if tokens_or_error(truth) != label:
            unequal.add(stem)
    assert compared == FILES[name]
    assert unequal == UNEQUAL[name]
    assert outside == ({r"\Pi"} if name == "test-2014" else set())


@pytest.mark.parametrize("name", FILES)
def test_labels_are_admitted_by_the_grammar_and_unchanged(name):
    for label in set(labels(f"crohme-{name}.tsv").values()):
        tokens = normalize(label)
        assert normalize(" ".join(tokens)) == tokens
        assert GRAMMAR.accepts(DEFAULT_VOCABULARY.encode(tokens)), label
        assert len(slots(tokens)) == len(tokens)


@pytest.mark.parametrize(
    ("name", "files", "refused"),
    [("train-2019-extra", 66, []), ("test-2011", 348, []), ("test-2012", 488, []), ("test-2013", 671, ["rit_4275_4"])],
)
def test_the_other_archives_parse(name, files, refused):
    found = {stem: tokens_or_error(truth) for stem, truth in truths(DATA / "crohme-inkml" / f"{name}.tar.xz")}
    assert len(found) == files
    assert [stem for stem, tokens in found.items() if isinstance(tokens, LatexError)] == refused
    assert {token for tokens in found.values() if isinstance(tokens, tuple) for token in tokens} <= CROHME_TOKENS


def test_mathwriting_labels_have_mathwriting_tokens():
    own = re.compile(r"\\(?:mathbb{[a-zA-Z]}|begin{[a-z]+}|end{[a-z]+}|operatorname\*|[a-zA-Z]+|.)|\S")
    with tarfile.open(DATA / "mathwriting-inkml" / "excerpt-train-valid.tar.xz") as tar:
        inks = [tar.extractfile(member).read().decode() for member in tar if member.name.endswith(".inkml")]
    assert len(inks) == 8
    for ink in inks:
        raw, label = (
            html.unescape(re.search(rf'type="{kind}">(.*?)</annotation>', ink)[1])
            for kind in ("label", "normalizedLabel")
        )
        assert list(normalize(label)) == own.findall(label)
        assert normalize(raw) == normalize(label)
        DEFAULT_VOCABULARY.encode(normalize(label))
