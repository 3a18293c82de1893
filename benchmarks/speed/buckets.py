"""What padding costs and how many shapes are compiled: our buckets, one shape for all, and powers of two.

    python -m benchmarks.speed.buckets [--config configs/transformer_cpu.py] [--data-dir data]

The cost is the model's multiply-adds (`tegashiki/models/multiply_adds.py`), with convolutions and both attentions.
"""

import argparse
from collections.abc import Sequence
from functools import partial

import numpy as np

from tegashiki.datasets.prepared import load_examples
from tegashiki.input_pipeline.buckets import Bucket, choose_buckets, padded_fraction
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.models.multiply_adds import ink_multiply_adds
from tegashiki.training.config import load_config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/transformer_cpu.py", help="default: configs/transformer_cpu.py")
    parser.add_argument("--data-dir", default="data", help="prepared datasets (default: data)")
    args = parser.parse_args()
    config = load_config(args.config, [])
    limits = config.data.limits
    inks = [(len(e.ink.strokes), len(e.tokens) + 1) for e in load_examples(config.data.dataset, "train", args.data_dir)]
    strokes, tokens = np.array([size for size in inks if size[0] <= limits.strokes and size[1] <= limits.tokens]).T
    cost = partial(ink_multiply_adds, config.model, len(DEFAULT_VOCABULARY))
    rounded = 2 ** np.ceil(np.log2(np.maximum(2, [strokes, tokens]))).astype(int)
    powers = {Bucket(*map(int, size)) for size in rounded.T}
    ways: dict[str, Sequence[Bucket]] = {
        "one shape": [Bucket(int(strokes.max()), int(tokens.max()))],
        "powers of two": sorted(powers),
    }
    ways |= {f"ours, {count}": choose_buckets(strokes, tokens, cost, count) for count in (4, 8, 16)}
    print(f"{len(strokes)} inks of {config.data.dataset}/train")
    for name, buckets in ways.items():
        print(
            f"{name:14} {len(buckets):3} shapes, padding costs {padded_fraction(strokes, tokens, buckets, cost):6.1%}"
        )


if __name__ == "__main__":
    main()
