"""What probabilities mean: expected calibration error, and what is left and right where unlikely readings are rejected.

    tegashiki eval MODEL --dataset crohme --split test_2014 --data-dir data --beam 5 --json result.json
    python benchmarks/accuracy/calibration.py result.json [...]

The error is the mean of |share right - mean probability| over ten equal bins of probability, weighted by their inks, in
points. Coverage is the share of inks whose reading is not rejected, accuracy the share of those that is right.
"""

import argparse
from pathlib import Path

import numpy as np

from tegashiki.evaluation.pages.report_page import calibration
from tegashiki.evaluation.report import read_json

THRESHOLDS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+", help="written by `tegashiki eval --json`")
    args = parser.parse_args()
    for path in args.results:
        content = read_json(path)
        readings = content["per_ink"]
        said = np.array([reading.probability or 0.0 for reading in readings])
        right = np.array([reading.edits == 0 for reading in readings])
        error = calibration(readings)["error"]
        print(f"{path.name}: {len(readings)} inks, mean probability {said.mean():.3f}, calibration error {error:.1f}")
        for threshold in THRESHOLDS:
            kept = said >= threshold
            accuracy = 100 * right[kept].mean() if kept.any() else float("nan")
            print(f"  reject below {threshold:.2f}: coverage {100 * kept.mean():5.1f} %, accuracy {accuracy:5.1f} %")


if __name__ == "__main__":
    main()
