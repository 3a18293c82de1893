"""Somebody else's output, scored as ours: a table of file names and LaTeX against the truths of a set."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tegashiki.evaluation.evaluate import judge_truth
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.report import Report, summarize
from tegashiki.evaluation.samples import EvaluationError, Sample
from tegashiki.ink.labels import find_name, read_labels
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.tokenizer import tokenize


def judge_predictions(path: Path, samples: Iterable[Sample]) -> Report:
    """Score a TSV (file name, tab, LaTeX) against the truths of the samples.

    An ink is looked up by its whole name, and by its name without folder and suffix. One that the table lacks counts
    as not read, as does one whose LaTeX is empty. LaTeX that does not parse is compared token by token, and named.

    Raises:
        LabelsError: the file cannot be read, or contradicts itself.
        EvaluationError: it names an ink that the samples lack, or one name stands for two; or no samples.
    """
    predictions = read_labels(path)
    used: dict[str, str] = {}
    readings = list(_judge(predictions, samples, used))
    unused = sorted(predictions.keys() - used.keys())
    if readings and unused:
        raise EvaluationError(
            f"{path} names {len(unused)} inks that are not in the set, such as {unused[0]!r}: give the set that "
            f"was read, whose names are such as {readings[0].file!r} or {Path(readings[0].file).stem!r}"
        )
    return summarize(readings)


def _judge(predictions: Mapping[str, str], samples: Iterable[Sample], used: dict[str, str]) -> Iterator[InkResult]:
    """Give readings; `used` gets the ink that each prediction was taken for."""
    for sample in samples:
        truth, error, comparable = judge_truth(sample.truth)
        name = find_name(predictions, sample.file)
        if name is not None and used.setdefault(name, sample.file) != sample.file:
            raise EvaluationError(
                f"{name!r} stands for both {used[name]} and {sample.file}: name inks of several folders as the set does"
            )
        tokens = () if name is None else canonical_or_lexical(predictions[name])
        read, comparable = " ".join(tokens) or None, comparable and bool(tokens)
        error = error or (flaw_of(predictions[name]) if name is not None and tokens else "no prediction")
        yield InkResult(sample.file, truth, read, None, None, error, comparable, plain_truth=sample.plain_truth)


def flaw_of(latex: str) -> str | None:
    """Return why a prediction does not parse, which names what cannot be read; None for one that does."""
    try:
        normalize(latex)
    except LatexError as error:
        return f"the prediction does not parse: {error}"
    return None


def canonical_or_lexical(latex: str) -> tuple[str, ...]:
    """Return canonical tokens; where the LaTeX does not parse, its lexical ones; failing those, its words."""
    try:
        return normalize(latex)
    except LatexError:
        pass
    try:
        return tuple(token.text for token in tokenize(latex))
    except LatexError:
        return tuple(latex.split())
