"""What a model's probabilities mean: calibration error, and accuracy when unlikely readings are rejected.

    tegashiki eval MODEL --dataset crohme --split test_2014 --data-dir data --beam 5 --json result.json
    python -m benchmarks.accuracy.calibration result.json [...]

The error is the expected calibration error in percentage points: the mean of |share of correct readings - mean
probability| over ten bins of equal width, weighted by their inks. Coverage is the share of inks whose reading is not
rejected. Accuracy is the share of those that is correct.
"""

import argparse
from pathlib import Path

import numpy as np

from tegashiki.evaluation.pages.report_page import calibration
from tegashiki.evaluation.report import read_json

THRESHOLDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+", metavar="JSON", help="written by `tegashiki eval --json`")
    args = parser.parse_args()
    for path in args.results:
        content = read_json(path)
        readings = content["per_ink"]
        probability = np.array([reading.probability or 0.0 for reading in readings])
        correct = np.array([reading.edits == 0 for reading in readings])
        error = calibration(readings)["error"]
        mean = f"mean probability {probability.mean():.3f}"
        print(f"{path.name}: {len(readings)} inks, {mean}, calibration error {error:.1f}")
        for threshold in THRESHOLDS:
            kept = probability >= threshold
            accuracy = 100 * correct[kept].mean() if kept.any() else float("nan")
            print(f"  reject below {threshold:.2f}: coverage {100 * kept.mean():5.1f} %, accuracy {accuracy:5.1f} %")


if __name__ == "__main__":
    main()
