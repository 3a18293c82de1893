"""Judge a model on inks: every ink given is read, timed, compared with its truth, and accounted for."""

import contextlib
import itertools
import multiprocessing
import operator
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
from tqdm import tqdm

from tegashiki.decoding.forced import likeliest
from tegashiki.errors import UserError
from tegashiki.evaluation.ink_result import Forced, InkResult, ResultCandidate
from tegashiki.evaluation.report import Report, summarize
from tegashiki.evaluation.samples import EvaluationError, Sample
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import LatexError
from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.recognizer.candidate import Candidate
from tegashiki.recognizer.recognizer import Recognizer

OpenRecognizer = Callable[[], Recognizer]

# Inks on their way to the worker processes: enough to keep them busy, few enough to hold in memory.
INKS_IN_FLIGHT = 2048
LEAST_ATTENTION = 2  # percent that are kept of where a model looks; less would not be seen on a page


def evaluate(
    open_recognizer: OpenRecognizer, samples: Iterable[Sample], processes: int = 1, total: int | None = None
) -> Report:
    """Read every sample and score it, with a progress bar where standard error is a terminal.

    Args:
        open_recognizer: makes a recogniser; picklable where `processes` is over 1, since each makes its own.
        samples: the inks; taken as they are needed.
        processes: how many read at once.
        total: how many samples to expect, for the progress bar alone.

    Returns:
        A report with one reading for every sample, in their order.

    Raises:
        EvaluationError: where there is no sample, or none with a truth; where a process is killed.
    """
    recognizer = open_recognizer()  # also the check that it can be opened, before any process tries
    with tqdm(desc="reading", unit=" inks", total=total, disable=None, smoothing=0.05) as progress:
        if processes > 1:
            readings = _read_in_processes(open_recognizer, samples, processes, progress)
        else:
            readings = []
            for sample in samples:
                readings.append(read(recognizer, sample))
                progress.update()
    return summarize(readings)


def read(recognizer: Recognizer, sample: Sample) -> InkResult:
    """Read one ink and note whatever keeps it from counting as right."""
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
    """Ask the model for every token of a truth behind the truth's own before it; under the recogniser's lock.

    A token that the vocabulary lacks, and one beyond the model's longest output, is wrong as is all behind it: the
    model cannot be given it. Grammar and restriction are not asked.

    Args:
        recognizer: whose model.
        encoded: the ink, of `recognizer.encode_ink`.
        truth: canonical tokens.
    """
    vocabulary, room = recognizer.vocabulary, recognizer.backend.max_tokens - 1
    given = vocabulary.encode(itertools.takewhile(vocabulary.__contains__, truth[:room]))
    found = likeliest(recognizer.backend, encoded, given)
    return Forced(
        right=sum(map(operator.eq, found, given)),
        end=len(given) == len(truth) and found[-1] == EOS_ID,
    )


def _candidate(candidate: Candidate) -> ResultCandidate:
    """Return what is kept of a candidate, in canonical tokens; the strokes of tokens are of those as they were read."""
    tokens = candidate.tokens
    with contextlib.suppress(LatexError):  # decoded without the grammar: compared as it is
        tokens = normalize(tokens)
    if tokens != candidate.tokens:
        return ResultCandidate(tokens, round(candidate.probability, 6))
    attention = () if candidate.attention_LS is None else tuple(map(_looked_at, candidate.attention_LS))
    return ResultCandidate(tokens, round(candidate.probability, 6), candidate.strokes_of_token, attention)


def _looked_at(attention_S: np.ndarray) -> tuple[int, ...]:
    """Return stroke, percent, stroke, percent ...: few strokes get any of a token's attention."""
    percent_S = (100 * attention_S).round().astype(int)
    seen = np.flatnonzero(percent_S >= LEAST_ATTENTION)
    return tuple(np.stack((seen, percent_S[seen]), axis=1).ravel().tolist())


def judge_truth(truth: str, writable: frozenset[str] | None = None) -> tuple[str, str | None, bool]:
    """Return the canonical truth, what is wrong with it, and whether edits from it mean anything.

    Args:
        truth: LaTeX.
        writable: the tokens that a model can write; None where any may come.
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


def _read_in_processes(
    open_recognizer: OpenRecognizer, samples: Iterable[Sample], processes: int, progress: tqdm
) -> list[InkResult]:
    """Hand the samples to worker processes, each with a recogniser of its own."""
    room = threading.Semaphore(INKS_IN_FLIGHT)

    def done(_: Future) -> None:
        room.release()
        progress.update()

    executor = ProcessPoolExecutor(
        processes,
        multiprocessing.get_context("spawn"),  # a fork would copy the model runtime's threads in an unknown state
        initializer=_start_worker,
        initargs=(open_recognizer,),
    )
    try:
        futures = []
        for sample in samples:
            room.acquire()
            futures.append(executor.submit(_read_in_worker, sample))
            futures[-1].add_done_callback(done)
        progress.total = len(futures)
        return [future.result() for future in futures]
    except BrokenProcessPool as error:
        raise EvaluationError(
            f"one of --processes {processes} was killed, as by a system out of memory: give fewer, such as "
            f"--processes {processes // 2}"
        ) from error
    finally:
        executor.shutdown(cancel_futures=True)


_worker_recognizer: Recognizer


def _start_worker(open_recognizer: OpenRecognizer) -> None:
    global _worker_recognizer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is the one to be interrupted; it ends its workers
    _worker_recognizer = open_recognizer()


def _read_in_worker(sample: Sample) -> InkResult:
    return read(_worker_recognizer, sample)
