"""Score the output of another recogniser, a table of file names and LaTeX, in the same way as our own."""

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

    An ink is looked up by its whole name, then by its name without outer folders; suffixes are ignored. An ink that is
    missing from the table, or has empty LaTeX there, counts as unread. LaTeX that does not parse is compared token by
    token and reported as the ink's error.

    Args:
        path: The table.
        samples: The inks with their truths.

    Raises:
        LabelsError: The table cannot be read, or contradicts itself.
        EvaluationError: The table names an ink that is not among the samples, one of its names matches two inks, or
            there are no samples.
    """
    predictions = read_labels(path)
    used: dict[str, str] = {}
    results = list(_judge(predictions, samples, used))
    unused = sorted(predictions.keys() - used.keys())
    if results and unused:
        raise EvaluationError(
            f"{path} names {len(unused)} inks that are not in the set, such as {unused[0]!r}: give the set that the "
            f"table was made from; this one has names such as {results[0].file!r} or {Path(results[0].file).stem!r}"
        )
    return summarize(results)


def _judge(predictions: Mapping[str, str], samples: Iterable[Sample], used: dict[str, str]) -> Iterator[InkResult]:
    """Yield the results, and record in `used` which ink each prediction belongs to."""
    for sample in samples:
        truth, error, comparable = judge_truth(sample.truth)
        name = find_name(predictions, sample.file)
        if name is not None and used.setdefault(name, sample.file) != sample.file:
            raise EvaluationError(
                f"{name!r} stands for both {used[name]} and {sample.file}: give the names with their folders"
            )
        tokens = () if name is None else canonical_or_lexical(predictions[name])
        read, comparable = " ".join(tokens) or None, comparable and bool(tokens)
        error = error or (flaw_of(predictions[name]) if name is not None and tokens else "no prediction")
        yield InkResult(sample.file, truth, read, None, None, error, comparable, plain_truth=sample.plain_truth)


def flaw_of(latex: str) -> str | None:
    """Return why a prediction does not parse, or None if it parses."""
    try:
        normalize(latex)
    except LatexError as error:
        return f"the prediction does not parse: {error}"
    return None


def canonical_or_lexical(latex: str) -> tuple[str, ...]:
    """Return the canonical tokens of LaTeX. If it does not parse, return its lexical tokens, or else its words."""
    try:
        return normalize(latex)
    except LatexError:
        pass
    try:
        return tuple(token.text for token in tokenize(latex))
    except LatexError:
        return tuple(latex.split())
