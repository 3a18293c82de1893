from pathlib import Path

import pytest

from tegashiki.datasets import crohme

from .sources import ink, write

VALIDATION_WRITERS = ("w1", "w2")
TRAINING_WRITERS = ("w0", "w3")


@pytest.fixture
def crohme_source(tmp_path: Path) -> Path:
    """Return an artificial source in the layout of CROHME, with folders instead of archives."""
    one, other = TRAINING_WRITERS
    assert all(map(crohme.is_validation_writer, VALIDATION_WRITERS)), "a new salt needs new names here"
    source = tmp_path / "source"
    inks = {
        "train-2014/HAMEX/a": ink("$x+1$", "x + 1", writer=one),
        "train-2014/HAMEX/b": ink("$y$", "y", writer=other),
        "train-2014/HAMEX/doubtful": ink("$2.0$", "2 . 0", writer=one),
        "train-2014/HAMEX/v1": ink("$a=b$", "a = b", writer=VALIDATION_WRITERS[0]),
        "train-2014/HAMEX/v2": ink("$x + 1$", "x + 1", writer=VALIDATION_WRITERS[1]),
        "train-2014/MathBrush/200923-1254-7": ink("k", "k", writer=""),
        "train-2019-extra/e1": ink("$n$", "n", writer=one),
        "train-2019-extra/e2": ink("$m$", "m", writer=VALIDATION_WRITERS[1]),
        "test-2012/t1": ink("$z$", "z"),
        "test-2012/t2": ink("$z$", "z"),
        "test-2014/t3": ink("$f'(x)$", "f ' ( x )"),
    }
    write(source, inks)
    (source / "labels").mkdir()
    (source / "labels/crohme-train-2014.tsv").write_text("a\tx + 1\nb\tY\ndoubtful\t2\n")
    (source / "labels/crohme-train-2014-doubtful.tsv").write_text("doubtful\t2\t2.0\n")
    (source / "labels/test-2012-inks-also-in-train.txt").write_text("t2.inkml\n")
    return source
