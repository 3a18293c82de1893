"""The ablation ladder: what each part of the recipe gives, each rung trained from scratch on one fixed budget.

    python -m benchmarks.ablation.ladder [RUNG ...] [--data-dir data] [--workdir runs/ladder] [--steps 1500] [--core 0]

A rung trains on official ink (crohme/train), on one core, for `steps` steps of 24 inks. Seven rungs climb: each adds
something to the one before it. The others change one thing at the top. Every rung runs in a process of its own and
resumes where it stopped; finished ones are only read. The table has validation and test_2014 (greedy with the grammar,
`--restrict crohme`) and, for each rung, the paired test on validation against the rung that it changes.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ablation import ladder_patches

INKS_PER_STEP = 24
SPLITS = ("validation", "test_2014")
NO_HEADS = ("loss.symbol=0.0", "loss.same=0.0", "loss.slot=0.0", "loss.attention=0.0")
CUT = "recombine.sub_expression=0.4"
MOVED = (
    "recombine.swap=0.7",
    "recombine.swap_other=0.18",
    "recombine.swap_same=0.28",
    "recombine.slot=0.33",
    "recombine.join=0.18",
)
HANDS = (
    "habits.spacing=0.25",
    "habits.placing=0.25",
    "habits.order=0.12",
    "habits.reversed=0.02",
    "habits.lifted=0.01",
    "habits.joined=0.05",
    "habits.device=0.2",
)


@dataclass(frozen=True)
class Rung:
    """One way to train: settings of the config, and functions of `ladder_patches.py`, which are called first."""

    says: str
    against: str = ""  # the rung to compare with
    settings: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    inks: int = INKS_PER_STEP  # per step; more inks mean fewer steps
    seed: int = 0
    language: tuple[str, ...] = ()  # settings of an earlier run, from whose parameters this one starts


TOP = (CUT, *MOVED)
TYPESET = (*TOP, "recombine.typeset=0.2")
LANGUAGE = (*NO_HEADS, "model.blind=true", "recombine.typeset=1.0")
WIDE = ("model.width=192", "model.encoder_layers=2")
GRU = ("model.kind=gru", *WIDE)
RUNGS = {
    "strokes": Rung("stroke tokens, cross-entropy, affine augmentation", "", NO_HEADS, ("no_pairs", "plain"), 48),
    "heads": Rung("+ heads of each stroke, guided attention", "strokes", (), ("no_pairs", "plain"), 48),
    "batch": Rung("+ half the batch, twice the steps", "heads", (), ("no_pairs", "plain")),
    "cut": Rung("+ sub-expressions", "batch", (CUT,), ("no_pairs", "plain")),
    "moved": Rung("+ swaps, slots, joining", "cut", TOP, ("no_pairs", "plain")),
    "pairs": Rung("+ geometry between strokes in the encoder", "moved", TOP, ("plain",)),
    "top": Rung("+ coverage and location in the decoder", "pairs", TOP),
    "seed": Rung("top, another seed", "top", TOP, seed=1),
    "batch2": Rung("batch, another seed", "batch", (), ("no_pairs", "plain"), seed=1),
    "cut2": Rung("cut, another seed", "batch2", (CUT,), ("no_pairs", "plain"), seed=1),
    "moved2": Rung("moved, another seed", "cut2", TOP, ("no_pairs", "plain"), seed=1),
    "even2": Rung("even, another seed", "seed", TOP, ("no_rdp",), seed=1),
    "unsynthesised": Rung("top without recombination", "top"),
    "pretrained": Rung("top, its decoder a language model of typeset formulas first", "top", TOP, language=LANGUAGE),
    "smoothing": Rung("top + label smoothing 0.1", "top", (*TOP, "loss.label_smoothing=0.1")),
    "typeset": Rung("top + typeset formulas 0.2", "top", TYPESET),
    "medley": Rung("typeset, a third of it rows of symbols", "typeset", (*TYPESET, "recombine.symbol_rows=0.33")),
    "habits": Rung("top + other hands and devices", "top", (*TOP, *HANDS)),
    "blend": Rung("top + blends of two drawings", "top", (*TOP, "recombine.blend=0.5")),
    "gru": Rung("GRU in place of the Transformer", "top", (*TOP, *GRU)),
    "original": Rung(
        "the original app's encoder: points in sequence, conv1d, average pooling, GRU",
        "gru",
        (*TOP, *GRU),
        ("points_in_sequence", "no_pairs"),
    ),
    "wide": Rung("top, as wide as the GRU, two encoder layers", "top", (*TOP, *WIDE)),
    "decoder": Rung(
        "Transformer's encoder, GRU's decoder",
        "top",
        (*TOP, "model.kind=gru", "model.width=128"),
        ("attending_encoder",),
    ),
    "encoder": Rung(
        "GRU's encoder, Transformer's decoder",
        "wide",
        (*TOP, *WIDE),
        ("recurrent_encoder",),
    ),
    "under": Rung("top + one recurrent layer beneath the encoder", "top", TOP, ("recurrent_beneath",)),
    "conv": Rung("top + convolutions along the strokes in the encoder", "top", TOP, ("convolutions",)),
    "glimpse": Rung("top + a picture of the ink around each stroke", "top", TOP, ("glimpses",)),
    "guesses": Rung("top, a quarter of the tokens given are its own guesses", "top", TOP, ("own_guesses",)),
    "taught": Rung("top, half of its targets what the official model says", "top", TOP, ("teacher",)),
    "even": Rung("top, 32 even points without RDP", "top", TOP, ("no_rdp",)),
    "corners": Rung("top, RDP's own points", "top", TOP, ("rdp_points",)),
    "symbols": Rung(
        "top + each symbol stretched, sheared, turned",
        "top",
        (*TOP, "augment.symbol_scale=0.12", "augment.symbol_shear=0.12", "augment.symbol_rotation=0.06"),
    ),
    "wobble": Rung("top + waves along strokes", "top", (*TOP, "augment.wobble=0.06")),
    "noise": Rung("top + token noise 0.1", "top", (*TOP, "augment.token_noise=0.1")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rungs", nargs="*", metavar="RUNG", help=f"rungs to train (default: all): {', '.join(RUNGS)}")
    parser.add_argument("--data-dir", default="data", help="prepared datasets (default: data)")
    parser.add_argument(
        "--workdir", default="runs/ladder", help="folder with one folder for each rung (default: runs/ladder)"
    )
    parser.add_argument("--steps", type=int, default=1500, help=f"steps of {INKS_PER_STEP} inks (default: 1500)")
    parser.add_argument("--core", type=int, default=0, help="the core to use (default: 0)")
    parser.add_argument("--table", action="store_true", help="train nothing, only print the table")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    unknown = set(args.rungs) - RUNGS.keys()
    if unknown:
        parser.error(f"no rung {', '.join(sorted(unknown))}; there are {', '.join(RUNGS)}")
    if args.child:
        climb(args.rungs[0], args)
        return
    for name in [] if args.table else args.rungs or RUNGS:
        if not all(reading(args.workdir, name, split).is_file() for split in SPLITS):
            command = [sys.executable, "-m", "benchmarks.ablation.ladder", name, "--child", "--data-dir", args.data_dir]
            subprocess.run([*command, "--workdir", args.workdir, "--steps", str(args.steps)], check=True,
                           preexec_fn=lambda: os.sched_setaffinity(0, {args.core}))  # fmt: skip
    show(args.workdir)


def reading(workdir: str, name: str, split: str) -> Path:
    """The file of a rung's readings of a split."""
    return Path(workdir) / f"{name}.{split}.json"


def climb(name: str, args: argparse.Namespace) -> None:
    """Train one rung and evaluate it on both splits."""
    rung = RUNGS[name]
    for patch in rung.patches:
        getattr(ladder_patches, patch)()
    from tegashiki.cli import run_command

    workdir = Path(args.workdir) / name
    start: list[str] = []
    if rung.language:
        before = workdir.with_name(f"{name}-language")
        train(before, rung, rung.language, args)
        start = ["--init", str(before)]
    train(workdir, rung, rung.settings, args, start)
    for split in SPLITS:
        judge = ["--dataset", "crohme", "--split", split, "--data-dir", args.data_dir, "--restrict", "crohme"]
        run_command("eval", [str(workdir), *judge, "--json", str(reading(args.workdir, name, split))])


def train(
    workdir: Path, rung: Rung, settings: Sequence[str], args: argparse.Namespace, start: Sequence[str] = ()
) -> None:
    """Train with a rung's settings to the end of its budget."""
    from tegashiki.cli import run_command
    from tegashiki.training.checkpoint import find_checkpoint

    steps = args.steps * INKS_PER_STEP // rung.inks
    nothing = [f"recombine.{key}=0.0" for key in ("sub_expression", "swap", "swap_other", "swap_same", "slot", "join")]
    base = ["model.dropout=0.1", "loss.label_smoothing=0.0", "habits.device=0.0", "data.buckets=6"]
    own = [f"data.inks_per_step={rung.inks}", f"train.steps={steps}", f"train.validate_every={steps}"]
    settings = [*nothing, *base, *own, f"train.seed={rung.seed}", *settings]
    command = ["configs/recombined_cpu.py", "--workdir", str(workdir), "--data-dir", args.data_dir, "--devices", "1"]
    run_command("train", [*command, *start, *[word for setting in settings for word in ("--set", setting)]])
    newest = find_checkpoint(workdir, "latest")
    if newest is None or newest.name != str(steps):
        sys.exit(f"{workdir} was stopped before its end: the same command resumes it")


def show(folder: str) -> None:
    """Print the table of the finished rungs."""
    from tegashiki.evaluation.paired import compare
    from tegashiki.evaluation.report import read_json

    print("| rung | validation | test_2014 | CER | against | difference (95 %) | p |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, rung in RUNGS.items():
        if not all(reading(folder, name, split).is_file() for split in SPLITS):
            continue
        validation, test = (read_json(reading(folder, name, split)) for split in SPLITS)
        figures = [f"{result['figures']['exprate']['value']:.1f}" for result in (validation, test)]
        figures.append(f"{test['figures']['cer']['value']:.3f}")
        if rung.against and reading(folder, rung.against, "validation").is_file():
            before = read_json(reading(folder, rung.against, "validation"))
            found = compare(before["per_ink"], validation["per_ink"])
            gain = found.differences["exprate"]
            figures += [rung.against, f"{gain.difference:+.1f} ({gain.low:+.1f} to {gain.high:+.1f})"]
            figures.append(f"{found.p_value:.1g}")
        else:
            figures += ["", "", ""]
        print(f"| {name}: {rung.says} | {' | '.join(figures)} |")


if __name__ == "__main__":
    main()
