"""By what a model is chosen: the mean of its ExpRate on CROHME's validation and on `people/validation`.

    python eval.py MODEL --dataset crohme --split validation --restrict crohme --json a-crohme.json
    python eval.py MODEL --dataset people --split validation --json a-people.json
    python -m benchmarks.accuracy.choice a-crohme.json a-people.json [b-crohme.json ...] [--without unipen]

CER and token accuracy stand beside them. `--without unipen` leaves a source out, for models that have met its people.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tegashiki.evaluation.report import align, read_json, summarize
from tegashiki.evaluation.samples import EvaluationError

COLUMNS = ("model", "mean", "CROHME", "people", "CROHME CER", "people CER", "CROHME tokens", "people tokens")


def main() -> None:
    """Print a line for each model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "results", nargs="+", type=Path, metavar="JSON", help="of CROHME, of people, and so on in pairs"
    )
    parser.add_argument("--without", action="append", default=[], metavar="SOURCE", help="leave out, such as unipen")
    args = parser.parse_args()
    print(align([COLUMNS, *rows(args.results, args.without)]))


def rows(results: Sequence[Path], without: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Return a line for each pair of results."""
    if len(results) % 2:
        raise EvaluationError(f"{len(results)} results: give two of each model, CROHME's and then that of people")
    return [row(results[first], results[first + 1], without) for first in range(0, len(results), 2)]


def row(crohme: Path, people: Path, without: Sequence[str]) -> tuple[str, ...]:
    """Return the line of a model: both results and their mean."""
    contents = [read_json(path) for path in (crohme, people)]
    for path, content, dataset in zip((crohme, people), contents, ("crohme", "people"), strict=True):
        if str(content.get("dataset")).split("/")[0] != dataset or content.get("split") != "validation":
            raise EvaluationError(
                f"{path} is not of {dataset}/validation: give CROHME's result and then that of people"
            )
    readings = [reading for reading in contents[1]["per_ink"] if reading.file.split("/")[0] not in without]
    reports = [summarize(contents[0]["per_ink"]), summarize(readings)]
    rates = [report.scores.exprate for report in reports]
    figures = [sum(rates) / 2, *rates]
    known = [report.figures.get("accuracy") for report in reports]
    cers = [report.scores.cer for report in reports]
    return (
        str(contents[1]["model"]),
        *(f"{value:.2f}" for value in figures),
        *(f"{value:.4f}" for value in cers),
        *("-" if accuracy is None else f"{accuracy.value:.2f}" for accuracy in known),
    )


if __name__ == "__main__":
    main()
