"""Results for tests, made of a truth and a prediction."""

from tegashiki.evaluation.ink_result import Forced, InkResult, ResultCandidate


def ink_result(
    truth: str, read: str | None, file: str | None = None, probability: float = 0.5, forced: Forced | None = None
) -> InkResult:
    """Return the result of an ink. `read` is the prediction, None for an ink that could not be read."""
    file = file or f"folder/{truth}.inkml"
    if read is None:
        return InkResult(file, truth, None, None, None, "cannot be read", comparable=False)
    strokes = tuple((i,) for i in range(len(read.split())))
    candidates = (ResultCandidate(tuple(read.split()), probability, strokes),)
    return InkResult(file, truth, read, probability, 5.0, None, candidates=candidates, forced=forced)
