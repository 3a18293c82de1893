"""Evaluate a model: recognise every ink, measure the time, and compare the result with the truth."""

import contextlib
import itertools
import operator
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from tegashiki.decoding.forced import likeliest
from tegashiki.errors import UserError
from tegashiki.evaluation.ink_result import Forced, InkResult, ResultCandidate
from tegashiki.evaluation.parallel import OpenRecognizer, map_inks
from tegashiki.evaluation.report import Report, check_truths, summarize
from tegashiki.evaluation.result_lines import ResultLines
from tegashiki.evaluation.running import RunningFigures
from tegashiki.evaluation.samples import Sample
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.recognizer.candidate import Candidate
from tegashiki.recognizer.recognizer import Recognizer

LEAST_ATTENTION = 2  # percent; lower attention would be invisible on a page and is not kept


def evaluate(
    open_recognizer: OpenRecognizer, samples: Iterable[Sample], processes: int = 1, total: int | None = None
) -> Report:
    """Recognise and score every sample, with a progress bar if stderr is a terminal.

    Args:
        open_recognizer: Returns a new recogniser. Must be picklable if `processes` is more than 1, because each
            process opens its own.
        samples: The inks. They are consumed lazily.
        processes: Number of processes that recognise in parallel.
        total: Expected number of samples, used only by the progress bar.

    Returns:
        A report with one result for each sample, in the order of the samples.

    Raises:
        EvaluationError: There are no samples, none has a truth, or a worker process was killed.
    """
    results = map_inks(open_recognizer, read, samples, processes)
    return summarize(list(tqdm(results, desc="reading", unit=" inks", total=total, disable=None, smoothing=0.05)))


def evaluate_to_file(
    open_recognizer: OpenRecognizer,
    samples: Iterable[Sample],
    lines: ResultLines,
    figures: RunningFigures,
    processes: int = 1,
) -> None:
    """Recognise and score every sample; write each result to a file and add it to the figures, in constant memory.

    Args:
        open_recognizer: As for `evaluate`.
        samples: The inks for which `lines.is_new` holds.
        lines: The file of results.
        figures: The figures, to which `lines` adds the results that it already has.
        processes: Number of processes that recognise in parallel.

    Raises:
        EvaluationError: There are no samples, none has a truth, or a worker process was killed.
    """
    results = map_inks(open_recognizer, read, samples, processes)
    with lines:
        for result in tqdm(results, desc="reading", unit=" inks", disable=None, smoothing=0.05):
            lines.append(result.entry())
            figures.add(result)
    check_truths(figures.inks, figures.with_truth)


def read(recognizer: Recognizer, sample: Sample) -> InkResult:
    """Recognise one ink and record any reason why it cannot count as right."""
    truth, truth_error, comparable = judge_truth(sample.truth, recognizer.writable)
    if sample.ink is None:
        return _unread(sample, truth, sample.error)
    start = time.perf_counter()
    try:
        with recognizer.lock:
            encoded, strokes = recognizer.encode_ink(sample.ink)
            candidates = recognizer.decode(encoded, strokes, recognizer.beams)
            ms = round(1000 * (time.perf_counter() - start), 2)
            forced = force_truth(recognizer, encoded, truth.split()) if comparable else None
    except UserError as error:
        return _unread(sample, truth, str(error))
    found = tuple(_candidate(each) for each in candidates)
    best = found[0]
    read = " ".join(best.tokens)
    return InkResult(
        sample.file, truth, read, best.probability, ms, truth_error, comparable, found, sample.plain_truth, forced
    )


def _unread(sample: Sample, truth: str, error: str | None) -> InkResult:
    return InkResult(sample.file, truth, None, None, None, error, comparable=False, plain_truth=sample.plain_truth)


def force_truth(recognizer: Recognizer, encoded: Any, truth: Sequence[str]) -> Forced:
    """Run the model with teacher forcing: predict each token of the truth from the correct tokens before it.

    A token that the vocabulary lacks or that exceeds the model's longest output counts as wrong, and so do all tokens
    after it, because the model cannot be fed with it. Grammar and vocabulary restriction are not applied. The caller
    holds the recogniser's lock.

    Args:
        recognizer: The recogniser whose model is run.
        encoded: The ink, as `recognizer.encode_ink` returns it.
        truth: Canonical tokens.
    """
    vocabulary, room = recognizer.vocabulary, recognizer.backend.max_tokens - 1
    given = vocabulary.encode(itertools.takewhile(vocabulary.__contains__, truth[:room]))
    found = likeliest(recognizer.backend, encoded, given)
    return Forced(
        right=sum(map(operator.eq, found, given)),
        end=len(given) == len(truth) and found[-1] == EOS_ID,
    )


def _candidate(candidate: Candidate) -> ResultCandidate:
    """Convert a candidate to canonical tokens. Strokes and attention are kept only if that changes no token."""
    tokens = candidate.tokens
    with contextlib.suppress(LatexError):  # decoded without the grammar: compare the tokens as they are
        tokens = normalize(tokens)
    if tokens != candidate.tokens:
        return ResultCandidate(tokens, round(candidate.probability, 6))
    attention = () if candidate.attention_LS is None else tuple(map(_looked_at, candidate.attention_LS))
    return ResultCandidate(tokens, round(candidate.probability, 6), candidate.strokes_of_token, attention)


def _looked_at(attention_S: np.ndarray) -> tuple[int, ...]:
    """Return the attention of one token sparsely, as (stroke, percent, stroke, percent, ...)."""
    percent_S = (100 * attention_S).round().astype(int)
    seen = np.flatnonzero(percent_S >= LEAST_ATTENTION)
    return tuple(np.stack((seen, percent_S[seen]), axis=1).ravel().tolist())


def judge_truth(truth: str, writable: frozenset[str] | None = None) -> tuple[str, str | None, bool]:
    """Check a truth.

    Args:
        truth: LaTeX.
        writable: The tokens that the model can output. None if there is no such limit.

    Returns:
        (canonical truth, error, comparable). The canonical tokens are joined by spaces; a truth that does not parse is
        returned unchanged. `error` is the reason why no prediction can count as right, or None. `comparable` tells
        whether the edit distance to the truth is meaningful.
    """
    if not truth.strip():
        return "", "no truth: the file has none, or the labels do not name it", False
    try:
        tokens = normalize(truth)
    except LatexError as error:
        return truth, f"the truth does not parse: {error}", False
    unknown = sorted(set(tokens) - writable) if writable is not None else []
    if unknown:
        return " ".join(tokens), f"the truth has {' '.join(unknown)}, which the vocabulary in use lacks", True
    return " ".join(tokens), None, True
