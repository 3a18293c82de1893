"""Tables of a model's results by split, length, structure, nesting depth and kind of symbol, and its confusions.

    python -m benchmarks.figures.tables default --data-dir data --output docs/results.md

Each split is read three times: by greedy search and by beam search with 5 hypotheses, both restricted to the tokens of
CROHME's list, and by greedy search with the whole vocabulary. A symbol is rare if it occurs fewer than 50 times in the
training labels (crohme/train).
"""

import argparse
import json
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tegashiki.cli import run_command
from tegashiki.datasets.prepared import load_examples

SPLITS = ("validation", "test_2014", "test_2016")
WAYS = {
    "greedy": ["--restrict", "crohme"],
    "beam 5": ["--restrict", "crohme", "--beam", "5"],
    "greedy, whole vocabulary": [],
}
RARE = 50  # occurrences in the training labels
CONFUSIONS = 20
# ExpRate on test_2014 and test_2016 from the papers, for training on the same official ink.
LITERATURE = {
    "CoMER (Zhao & Gao, ECCV 2022), images": (59.3, 59.8),
    "TAMER (Zhu et al., 2024), images": (61.2, 60.3),
    "MMHMER (2025), images and strokes": (64.0, 62.5),
    "CAN-ABM with augmentation, images": (65.9, None),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a model, as for `tegashiki eval`, such as default")
    parser.add_argument("--data-dir", default="data", metavar="DIR", help="where datasets are prepared (default: data)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="Markdown file to write (default: print it)")
    args = parser.parse_args()
    found = {(split, way): measure(args, split, WAYS[way]) for split in SPLITS for way in WAYS}
    text = page(args.model, found, load_examples("crohme", "train", args.data_dir).count_tokens())
    if args.output:
        args.output.write_text(text, encoding="utf-8")
    else:
        print(text)


def measure(args: argparse.Namespace, split: str, options: list[str]) -> dict[str, Any]:
    """Run `tegashiki eval` and return its JSON."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [args.model, "--dataset", "crohme", "--split", split, "--data-dir", args.data_dir, *options]
        print("tegashiki eval", *command, flush=True, file=sys.stderr)
        if run_command("eval", [*command, "--json", str(result)]):
            raise SystemExit("the evaluation failed, see above")
        return json.loads(result.read_text("utf-8"))


def page(model: str, found: dict[tuple[str, str], dict[str, Any]], counts: Mapping[str, int]) -> str:
    greedy = {split: found[split, "greedy"] for split in SPLITS}
    parts = [
        f"# Results of `{model}`",
        paragraph(
            "`python -m benchmarks.figures.tables` writes this page. Figures are percentages, except CER and counts. "
            "Unless a line says otherwise, search is greedy and uses `--restrict crohme`. No ink of test_2014 or "
            "test_2016 was used for training or for choosing a model."
        ),
        "## By split",
        headline(found),
        "Published ExpRate (test_2014 / test_2016) of models trained on official ink only:",
        "\n".join(f"- {name}: {old} / {new or 'not given'}" for name, (old, new) in LITERATURE.items()),
    ]
    for title, name in (("length in tokens", "length"), ("structure", "structure"), ("nesting depth", "depth")):
        parts += [f"## By {title}", groups(greedy, name)]
    parts += [
        "## By kind of symbol",
        paragraph(
            "Percent of the label's symbols that the reading has in the same place, and their number. Rare symbols are "
            f"those with fewer than {RARE} occurrences in the training labels."
        ),
        symbols(greedy, counts),
        "## Confusions",
        confusions([found[split, "greedy"] for split in ("test_2014", "test_2016")]),
    ]
    return "\n\n".join(parts) + "\n"


def paragraph(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def table(titles: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    titles = list(titles)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def headline(found: dict[tuple[str, str], dict[str, Any]]) -> str:
    rows = []
    for (split, way), result in found.items():
        low, high = (result["figures"]["exprate"][end] for end in ("low", "high"))
        figures = [f"{result[name]:.2f}" for name in ("exprate", "exprate_le1", "exprate_le2")]
        rows.append(
            [split, way, result["inks"], figures[0], f"{low:.1f} to {high:.1f}", *figures[1:], f"{result['cer']:.4f}"]
        )
    return table(["split", "search", "inks", "ExpRate", "95 % interval", "<=1", "<=2", "CER"], rows)


def groups(results: dict[str, dict[str, Any]], name: str) -> str:
    """A row for each group, with the number of inks, ExpRate and <=2 of each split."""
    by_split = {
        split: {group["name"]: group for group in result["breakdown"][name]} for split, result in results.items()
    }
    names = list(dict.fromkeys(group for found in by_split.values() for group in found))
    if name == "depth":
        names.sort(key=int)
    rows = []
    for group in names:
        row: list[object] = [group]
        for found in by_split.values():
            one = found.get(group)
            row += [one["inks"], f"{one['exprate']:.1f}", f"{one['exprate_le2']:.1f}"] if one else [0, "", ""]
        rows.append(row)
    return table(["", *(title for split in by_split for title in (f"{split} inks", "ExpRate", "<=2"))], rows)


def symbols(results: dict[str, dict[str, Any]], counts: Mapping[str, int]) -> str:
    rows: dict[str, dict[str, tuple[int, float]]] = {}
    for split, result in results.items():
        right: Counter[str] = Counter()
        total: Counter[str] = Counter()
        rare = [symbol for symbol in result["breakdown"]["symbols"] if counts[symbol["token"]] < RARE]
        for symbol in [*result["breakdown"]["kinds"], *(symbol | {"kind": "**rare symbols**"} for symbol in rare)]:
            right[symbol["kind"]] += symbol["right"]
            total[symbol["kind"]] += symbol["count"]
        for kind in total:
            rows.setdefault(kind, {})[split] = (total[kind], 100 * right[kind] / total[kind])
    lines = []
    for kind in sorted(rows, key=lambda kind: -sum(count for count, _ in rows[kind].values())):
        cells = [
            f"{rows[kind][split][1]:.1f} of {rows[kind][split][0]}" if split in rows[kind] else "" for split in results
        ]
        lines.append([kind, *cells])
    return table(["kind", *results], lines)


def confusions(results: list[dict[str, Any]]) -> str:
    total: Counter[tuple[str, str]] = Counter()
    for result in results:
        for truth, read, count in result["breakdown"]["confusions"]:
            total[truth, read] += count
    shown = [f"{code(truth)} as {code(read)} {count}" for (truth, read), count in total.most_common(CONFUSIONS)]
    return paragraph(f"The most frequent confusions, with their number in both tests together: {', '.join(shown)}.")


def code(token: str) -> str:
    return f"`{token}`" if token else "nothing"


if __name__ == "__main__":
    main()
