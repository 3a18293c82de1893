"""The ablation ladder: what each part of the recipe gives, each rung trained from scratch on one fixed budget.

    python benchmarks/ladder.py [RUNG ...] [--data-dir data] [--workdir runs/ladder] [--steps 1500] [--core 0]

Official ink (crohme/train), one core, `steps` steps of 24 inks a rung; seven rungs climb as in FACTS' order, each with
what those before it have, the others change one thing at the top. Every rung runs in a process of its own and resumes
where it stopped; finished ones are only read. The table gives validation and test_2014 (greedy with the grammar,
`--restrict crohme`) and, for each rung, the paired test on validation against the rung that it changes.

What a rung takes away from the model is patched here, in its process: the package has no switches for parts that stay.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
    "hands.spacing=0.25",
    "hands.placing=0.25",
    "hands.order=0.12",
    "hands.reversed=0.02",
    "hands.lifted=0.01",
    "hands.joined=0.05",
    "hands.device=0.2",
)


@dataclass(frozen=True)
class Rung:
    """One way to train: settings of the config, and patches (functions of this file) that take parts away."""

    says: str
    against: str = ""  # the rung that it is compared with
    settings: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    inks: int = INKS_PER_STEP  # a step; more inks are fewer steps
    seed: int = 0
    language: tuple[str, ...] = ()  # settings of a run before this one, from whose parameters it starts


TOP = (CUT, *MOVED)
TYPESET = (*TOP, "recombine.layout=0.2")
LANGUAGE = (*NO_HEADS, "model.blind=true", "recombine.layout=1.0")
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
    "medley": Rung("typeset, a third of it rows of symbols", "typeset", (*TYPESET, "recombine.medley=0.33")),
    "hands": Rung("top + other hands and devices", "top", (*TOP, *HANDS)),
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rungs", nargs="*", metavar="RUNG", help=f"(default: all) {', '.join(RUNGS)}")
    parser.add_argument("--data-dir", default="data", help="prepared datasets (default data)")
    parser.add_argument("--workdir", default="runs/ladder", help="a folder a rung in it (default runs/ladder)")
    parser.add_argument("--steps", type=int, default=1500, help=f"of {INKS_PER_STEP} inks (default 1500)")
    parser.add_argument("--core", type=int, default=0, help="the core that all is done on (default 0)")
    parser.add_argument("--table", action="store_true", help="train nothing, show what is there")
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
            command = [sys.executable, __file__, name, "--child", "--data-dir", args.data_dir]
            subprocess.run([*command, "--workdir", args.workdir, "--steps", str(args.steps)], check=True,
                           preexec_fn=lambda: os.sched_setaffinity(0, {args.core}))  # fmt: skip
    show(args.workdir)


def reading(workdir, name, split):
    """Where a rung's readings of a split are."""
    return Path(workdir) / f"{name}.{split}.json"


def climb(name, args):
    """Train one rung and read both splits."""
    rung = RUNGS[name]
    for patch in rung.patches:
        PATCHES[patch]()
    from tegashiki.cli import run_command

    workdir = Path(args.workdir) / name
    start = []
    if rung.language:
        before = workdir.with_name(f"{name}-language")
        train(before, rung, rung.language, args)
        start = ["--init", str(before)]
    train(workdir, rung, rung.settings, args, start)
    for split in SPLITS:
        judge = ["--dataset", "crohme", "--split", split, "--data-dir", args.data_dir, "--restrict", "crohme"]
        run_command("eval", [str(workdir), *judge, "--json", str(reading(args.workdir, name, split))])


def train(workdir, rung, settings, args, start=()):
    """Train with a rung's settings to the end of its budget."""
    from tegashiki.cli import run_command
    from tegashiki.training.checkpoint import find_checkpoint

    steps = args.steps * INKS_PER_STEP // rung.inks
    nothing = [f"recombine.{key}=0.0" for key in ("sub_expression", "swap", "swap_other", "swap_same", "slot", "join")]
    base = ["model.dropout=0.1", "loss.label_smoothing=0.0", "hands.device=0.0", "data.buckets=6"]
    own = [f"data.inks_per_step={rung.inks}", f"train.steps={steps}", f"train.validate_every={steps}"]
    settings = [*nothing, *base, *own, f"train.seed={rung.seed}", *settings]
    command = ["configs/recombined_cpu.py", "--workdir", str(workdir), "--data-dir", args.data_dir, "--devices", "1"]
    run_command("train", [*command, *start, *[word for setting in settings for word in ("--set", setting)]])
    if find_checkpoint(workdir, "latest").name != str(steps):
        sys.exit(f"{workdir} was stopped on its way: the same command goes on")


def show(folder):
    """Print the rungs that are there."""
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


def no_pairs():
    """No geometry between strokes: biases of 0."""
    import flax.linen as nn
    import jax.numpy as jnp

    from tegashiki.models import gru, transformer

    class NoPairs(nn.Module):
        outputs: int
        dtype: type = jnp.float32

        @nn.compact
        def __call__(self, strokes_BSE, boxes_BS3):
            batch, strokes, _ = boxes_BS3.shape
            return jnp.zeros((batch, self.outputs, strokes, strokes), self.dtype)

    transformer.PairGeometry = gru.PairGeometry = NoPairs


def plain():
    """Cross-attention from queries and keys alone."""
    from tegashiki.models import transformer
    from tegashiki.models.layers import join_heads, masked_softmax

    def mix(self, logits_BHLS, value_BHSK, bias_BHSS, mask_BS, coverage_BCLS, previous_BLS):
        del bias_BHSS, coverage_BCLS, previous_BLS
        final = masked_softmax(logits_BHLS, mask_BS[:, None, None])
        return self.out(join_heads(final.astype(self.dtype) @ value_BHSK)), final

    transformer.CrossAttention.__call__ = mix


def points_in_sequence():
    """An encoder that knows no strokes: all points in writing order, pooled by eight, read by GRUs both ways.

    The decoder stays; what is read of a stroke's points is averaged, so that it can attend to strokes.
    """
    import flax.linen as nn
    import jax.numpy as jnp

    from tegashiki.models import gru
    from tegashiki.models.stem import SHAPE_FEATURES

    class Points(nn.Module):
        width: int
        dtype: type = jnp.float32

        @nn.compact
        def __call__(self, points_NP2):
            flat = points_NP2.reshape(len(points_NP2), -1)
            return jnp.pad(flat, ((0, 0), (0, self.width + SHAPE_FEATURES - flat.shape[1])))

    class Sequence(nn.Module):
        width: int
        dtype: type = jnp.float32

        @nn.compact
        def __call__(self, strokes_BSE, boxes_BS3):
            batch, strokes, _ = strokes_BSE.shape
            points = strokes_BSE[..., :64].reshape(batch, strokes, 32, 2)
            page = points * boxes_BS3[:, :, None, 2:] + boxes_BS3[:, :, None, :2]
            page = page.reshape(batch, strokes * 32, 2)
            moves = jnp.pad(page[:, 1:] - page[:, :-1], ((0, 0), (1, 0), (0, 0)))
            lifted = jnp.broadcast_to(jnp.arange(strokes * 32) % 32 == 0, (batch, strokes * 32))
            x = jnp.concatenate([moves, lifted[..., None].astype(moves.dtype)], axis=-1)
            for _ in range(3):
                x = nn.avg_pool(nn.gelu(nn.Conv(self.width // 2, (5,))(x), approximate=True), (2,), (2,))
            last = jnp.where(jnp.abs(boxes_BS3).sum(axis=-1) > 0, jnp.arange(strokes), 0).max(axis=1)
            lengths = 4 * (last + 1)
            ways = ({}, {"reverse": True, "keep_order": True})
            both = [nn.RNN(nn.GRUCell(self.width // 2), unroll=4, **way)(x, seq_lengths=lengths) for way in ways]
            return jnp.concatenate(both, axis=-1).reshape(batch, strokes, 4, self.width).mean(axis=2)

    gru.Stem, gru.StrokeEmbedding = Points, Sequence


def _own_stores(name):
    """Encoded ink of another kind must not be taken for the usual one that is kept."""
    from tegashiki.input_pipeline import packed

    usual = packed.store_name
    packed.store_name = lambda *args: f"{usual(*args)}-{name}"


def attending_encoder():
    """The GRU's decoder behind the Transformer's encoder."""
    import jax.numpy as jnp

    from tegashiki.models import gru, seq2seq, transformer

    layers, heads = 4, 4  # of configs/recombined_cpu.py
    geometry = gru.PairGeometry
    gru.PairGeometry = lambda outputs, dtype: geometry(layers * heads + outputs, dtype)
    gru.EncoderLayer = lambda width, dropout, dtype: transformer.EncoderLayer(width, heads, dropout, dtype)

    class Mixed(gru.GRU):
        def encode(self, strokes_BSE, boxes_BS3, mask_BS, deterministic=True):
            x_BSD = self.drop(self.embed_strokes(strokes_BSE, boxes_BS3), deterministic=deterministic)
            biases = self.pairs(strokes_BSE, boxes_BS3)
            for index, layer in enumerate(self.encoder):
                x_BSD = layer(x_BSD, biases[:, index * heads : (index + 1) * heads], mask_BS, deterministic)
            x_BSD = self.encoder_norm(x_BSD)
            mask_BSS = (mask_BS[:, :, None] & mask_BS[:, None])[:, None]
            bias = jnp.where(mask_BSS, biases[:, -gru.LOCATIONS :], 0)
            x_BSD = jnp.where(mask_BS[..., None], x_BSD, 0)
            return {"strokes": x_BSD, "key": self.key(x_BSD), "bias": bias, "mask": mask_BS}

    seq2seq.GRU = Mixed


def recurrent_encoder():
    """The Transformer's decoder behind the GRU's encoder."""
    import flax.linen as nn

    from tegashiki.models import gru, transformer

    class Layer(transformer.EncoderLayer):
        @nn.compact
        def __call__(self, x_BSD, bias_BHSS, mask_BS, deterministic):
            return gru.EncoderLayer(self.width, self.dropout, self.dtype)(x_BSD, mask_BS, deterministic)

    transformer.EncoderLayer = Layer


def recurrent_beneath():
    """A bidirectional GRU between the embedding of strokes and the Transformer."""
    import flax.linen as nn

    from tegashiki.models import gru, stem, transformer

    class Beneath(stem.StrokeEmbedding):
        @nn.compact
        def __call__(self, strokes_BSE, boxes_BS3):
            x_BSD = stem.StrokeEmbedding(self.width, self.dtype)(strokes_BSE, boxes_BS3)
            return gru.EncoderLayer(self.width, 0.0, self.dtype)(x_BSD, boxes_BS3[..., 2] > 0, True)

    transformer.StrokeEmbedding = Beneath


def convolutions():
    """A gated convolution along the strokes before each layer of the encoder."""
    import flax.linen as nn
    import jax.numpy as jnp

    from tegashiki.models import transformer

    usual = transformer.EncoderLayer

    class Layer(transformer.EncoderLayer):
        @nn.compact
        def __call__(self, x_BSD, bias_BHSS, mask_BS, deterministic):
            normed = nn.LayerNorm()(x_BSD)
            value, gate = jnp.split(nn.Dense(2 * self.width)(normed), 2, axis=-1)
            value = jnp.where(mask_BS[..., None], value * nn.sigmoid(gate), 0)
            mixed = nn.Conv(self.width, (5,), feature_group_count=self.width)(value)
            mixed = nn.Dense(self.width)(nn.gelu(nn.LayerNorm()(mixed), approximate=True))
            x_BSD += transformer.Dropout(self.dropout)(mixed, deterministic=deterministic)
            layer = usual(self.width, self.heads, self.dropout, self.dtype)
            return layer(x_BSD, bias_BHSS, mask_BS, deterministic)

    transformer.EncoderLayer = Layer


def no_rdp():
    """Even points along the stroke as it was drawn."""
    from tegashiki.ink import preprocess

    _own_stores("even")
    preprocess.simplify_stroke = preprocess.unit_stroke


def rdp_points():
    """RDP's own points, the last one repeated up to 32."""
    import numpy as np

    from tegashiki.ink import preprocess

    def pad(line_M2):
        count = preprocess.POINTS_PER_STROKE
        return line_M2[np.minimum(np.arange(count), len(line_M2) - 1)].astype(np.float32)

    _own_stores("corners")
    preprocess.space_evenly = pad


PATCHES = {
    patch.__name__: patch
    for patch in (
        no_pairs,
        plain,
        points_in_sequence,
        attending_encoder,
        recurrent_encoder,
        recurrent_beneath,
        convolutions,
        no_rdp,
        rdp_points,
    )
}


if __name__ == "__main__":
    main()
