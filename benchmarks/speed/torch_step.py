"""A training step of the same Transformer in PyTorch. `benchmarks/speed/train_step.py` runs this file.

    python benchmarks/speed/torch_step.py BATCHES.npz --mode {eager,compile} --threads N --seconds S

Needs numpy and torch, and nothing of tegashiki. Prints JSON: loss and gradient norm of the first batch without dropout,
which show that the two models are the same, and the seconds of a step at each shape.
"""

import argparse
import json
import math
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

SMALLEST, MASKED, COVERAGE_HIDDEN = 0.02, -1e9, 24
CONVOLUTIONS = ((48, 5, 1), (96, 3, 2), (128, 3, 2))  # channels, kernel, stride

Batch = dict[str, Tensor]


def gelu(x: Tensor) -> Tensor:
    return functional.gelu(x, approximate="tanh")


def sinusoids(length: int, width: int) -> Tensor:
    rate = torch.exp(-math.log(10_000.0) * torch.arange(0, width, 2) / width)
    angle = torch.arange(length)[:, None] * rate[None]
    return torch.cat([angle.sin(), angle.cos()], -1)


def norm(width: int) -> nn.LayerNorm:
    return nn.LayerNorm(width, eps=1e-6)


class FeedForward(nn.Module):
    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.enter, self.out = nn.Linear(inputs, hidden), nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(gelu(self.enter(x)))


class Stem(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        features = [4, *(each[0] for each in CONVOLUTIONS)]
        self.conv = nn.ModuleList(
            nn.Conv1d(features[i], out, kernel, stride) for i, (out, kernel, stride) in enumerate(CONVOLUTIONS)
        )
        self.out = nn.Linear(8 * 128, width)

    def forward(self, points: Tensor) -> Tensor:
        steps = functional.pad(points[:, 1:] - points[:, :-1], (0, 0, 0, 1))
        direction = steps / torch.sqrt((steps**2).sum(-1, keepdim=True) + 1e-8)
        x = torch.cat([points * 2.0, direction], -1).transpose(1, 2)
        for conv, (_, kernel, stride) in zip(self.conv, CONVOLUTIONS, strict=True):
            x = gelu(conv(functional.pad(x, (2, 2) if stride == 1 else (0, kernel - stride))))
        return self.out(x.transpose(1, 2).flatten(1))


def stroke_shape(points: Tensor) -> Tensor:
    extent = points.amax(1) - points.amin(1)
    length = torch.sqrt(((points[:, 1:] - points[:, :-1]) ** 2).sum(-1) + 1e-12).sum(1, keepdim=True)
    return torch.cat([extent, points[:, 0], points[:, -1], length], -1)


def log_size(size: Tensor) -> Tensor:
    return torch.log(size.clamp_min(SMALLEST))


class StrokeEmbedding(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.numbers, self.waves = FeedForward(12, width, width), nn.Linear(32, width, bias=False)
        self.width = width

    def forward(self, vector: Tensor, shape: Tensor, boxes: Tensor) -> Tensor:
        centre, size = boxes[..., :2], boxes[..., 2:]
        step = functional.pad(centre[:, 1:] - centre[:, :-1], (0, 0, 1, 0))
        measured = [log_size(size), log_size(shape[..., :2]), torch.asinh(step), shape[..., 2:6], torch.asinh(centre)]
        rates = 2 * math.pi / 2.0 ** torch.arange(8)
        angle = (centre[..., None] * rates).flatten(2)
        waves = torch.cat([angle.sin(), angle.cos()], -1)
        x = vector + self.numbers(torch.cat([*measured, shape[..., 6:]], -1)) + self.waves(waves)
        return x + sinusoids(boxes.shape[1], self.width)


def pair_features(shape: Tensor, boxes: Tensor) -> Tensor:
    centre, size = boxes[..., :2], boxes[..., 2:].clamp_min(SMALLEST)
    delta = centre[:, None] - centre[:, :, None]
    extent = (shape[..., :2] * boxes[..., 2:]).clamp_min(SMALLEST)
    low, high = centre - extent / 2, centre + extent / 2
    shared = torch.minimum(high[:, None], high[:, :, None]) - torch.maximum(low[:, None], low[:, :, None])
    overlap = (shared / torch.minimum(extent[:, None], extent[:, :, None])).clamp(-3.0, 1.0)
    logs = size.log()
    distance = torch.log((delta**2).sum(-1, keepdim=True) + SMALLEST) / 2
    count = torch.arange(boxes.shape[1])
    difference = (count[None] - count[:, None]).float()
    order = torch.stack(
        [difference.clamp(-8, 8) / 8, (difference == 1).float(), (difference == -1).float(), difference.asinh()], -1
    )
    parts = [delta.asinh(), (delta / size[:, :, None]).asinh(), logs[:, None] - logs[:, :, None], overlap, distance]
    return torch.cat([*parts, order.expand(len(boxes), -1, -1, -1)], -1)


def heads_of(x: Tensor, heads: int) -> Tensor:
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def joined(x: Tensor) -> Tensor:
    return x.transpose(1, 2).flatten(2)


def masked_softmax(logits: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, logits, MASKED).softmax(-1)


class EncoderLayer(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.drop = heads, nn.Dropout(dropout)
        self.norm_attention, self.norm_mlp = norm(width), norm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = FeedForward(width, 4 * width, width)

    def forward(self, x: Tensor, bias: Tensor, mask: Tensor) -> Tensor:
        query, key, value = (heads_of(part, self.heads) for part in self.qkv(self.norm_attention(x)).chunk(3, -1))
        seen = bias.masked_fill(~mask[:, None, None], MASKED)
        x = x + self.drop(self.out(joined(functional.scaled_dot_product_attention(query, key, value, attn_mask=seen))))
        return x + self.drop(self.mlp(self.norm_mlp(x)))


class Cross(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.scale = heads, (width // heads) ** -0.5
        self.query, self.key_value, self.out = (
            nn.Linear(width, width),
            nn.Linear(width, 2 * width),
            nn.Linear(width, width),
        )
        self.coverage_in, self.coverage_out = nn.Linear(2 * heads, COVERAGE_HIDDEN), nn.Linear(COVERAGE_HIDDEN, heads)

    def forward(self, x: Tensor, encoded: Tensor, bias: Tensor, mask: Tensor, below: Tensor) -> tuple[Tensor, Tensor]:
        query = heads_of(self.query(x), self.heads)
        key, value = (heads_of(part, self.heads) for part in self.key_value(encoded).chunk(2, -1))
        logits = query @ key.transpose(-1, -2) * self.scale
        first = masked_softmax(logits, mask[:, None, None])
        coverage = torch.cat([sum_before(first), sum_before(below)], 1)
        previous = functional.pad(first.mean(1)[:, :-1], (0, 0, 1, 0))
        hidden = torch.relu(self.coverage_in(coverage.permute(0, 2, 3, 1)))
        moved = torch.einsum("bli,bhij->bhlj", previous, bias)
        final = masked_softmax(logits + self.coverage_out(hidden).permute(0, 3, 1, 2) + moved, mask[:, None, None])
        return self.out(joined(final @ value)), final


def sum_before(weights: Tensor) -> Tensor:
    return weights.cumsum(2) - weights


class DecoderLayer(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.drop = heads, nn.Dropout(dropout)
        self.norm_self, self.norm_cross, self.norm_mlp = norm(width), norm(width), norm(width)
        self.self_qkv, self.self_out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.cross, self.mlp = Cross(width, heads), FeedForward(width, 4 * width, width)

    def forward(self, x: Tensor, encoded: Tensor, bias: Tensor, mask: Tensor, below: Tensor) -> tuple[Tensor, Tensor]:
        query, key, value = (heads_of(part, self.heads) for part in self.self_qkv(self.norm_self(x)).chunk(3, -1))
        attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.drop(self.self_out(joined(attended)))
        mixed, final = self.cross(self.norm_cross(x), encoded, bias, mask, below)
        x = x + self.drop(mixed)
        return x + self.drop(self.mlp(self.norm_mlp(x))), final


class Transformer(nn.Module):
    """The network of `tegashiki/models/transformer.py` with the heads of `seq2seq.py`."""

    def __init__(
        self, vocabulary: int, width: int, heads: int, encoder_layers: int, decoder_layers: int, dropout: float
    ) -> None:
        super().__init__()
        self.heads, self.width, self.drop = heads, width, nn.Dropout(dropout)
        self.stem, self.embed_strokes = Stem(width), StrokeEmbedding(width)
        self.pairs = FeedForward(12, 48, (encoder_layers + decoder_layers) * heads)
        self.encoder = nn.ModuleList(EncoderLayer(width, heads, dropout) for _ in range(encoder_layers))
        self.decoder = nn.ModuleList(DecoderLayer(width, heads, dropout) for _ in range(decoder_layers))
        self.encoder_norm, self.decoder_norm = norm(width), norm(width)
        self.embed_tokens, self.tokens = nn.Embedding(vocabulary, width), nn.Linear(width, vocabulary)
        self.head_symbol, self.head_same, self.head_slot = (nn.Linear(width, size) for size in (vocabulary, 1, 7))

    def forward(self, batch: Batch) -> tuple[Tensor, ...]:
        rows, strokes = batch["mask"].shape
        points, mask = batch["points"].flatten(0, 1), batch["mask"]
        shape = stroke_shape(points).unflatten(0, (rows, strokes))
        vector = self.stem(points).unflatten(0, (rows, strokes))
        x = self.drop(self.embed_strokes(vector, shape, batch["boxes"]))
        biases = self.pairs(pair_features(shape, batch["boxes"])).permute(0, 3, 1, 2).split(self.heads, 1)
        for layer, bias in zip(self.encoder, biases, strict=False):
            x = layer(x, bias, mask)
        encoded = self.encoder_norm(x)
        y = self.drop(self.embed_tokens(batch["inputs"]) + sinusoids(batch["inputs"].shape[1], self.width))
        final = encoded.new_zeros(rows, self.heads, batch["inputs"].shape[1], strokes)
        attention = []
        for layer, bias in zip(self.decoder, biases[len(self.encoder) :], strict=True):
            y, final = layer(y, encoded, bias, mask, final)
            attention.append(final.mean(1))
        return (
            self.tokens(self.decoder_norm(y)),
            attention[min(1, len(attention) - 1)],
            self.head_symbol(encoded),
            self.head_same(encoded)[..., 0],
            self.head_slot(encoded),
        )


def loss_of(outputs: tuple[Tensor, ...], batch: Batch, smoothing: float) -> Tensor:
    """The loss of `tegashiki/training/losses.py` with its default weights."""
    logits, attention, symbol, same, slot = outputs
    weights, targets, owner = batch["weights"], batch["targets"], batch["stroke_tokens"]
    known = (batch["mask"] & (owner >= 0)).float()
    pair = functional.pad(known[:, 1:] * known[:, :-1], (1, 0))
    drawn = (owner[:, None] == torch.arange(targets.shape[1])[None, :, None]).float()
    has_strokes = (drawn * known[:, None]).amax(-1) * weights
    tokens = functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none", label_smoothing=smoothing)
    classes = targets.gather(1, owner.clamp_min(0))
    is_same = functional.pad((owner[:, 1:] == owner[:, :-1]).float(), (1, 0))
    seen = (attention * drawn).sum(-1)
    slots = known * (batch["slots"] >= 0)
    parts = (
        (1.0, tokens, weights),
        (0.5, functional.cross_entropy(symbol.transpose(1, 2), classes, reduction="none"), known),
        (0.25, functional.binary_cross_entropy_with_logits(same, is_same, reduction="none"), pair),
        (0.25, functional.cross_entropy(slot.transpose(1, 2), batch["slots"].clamp_min(0), reduction="none"), slots),
        (0.3, -torch.log(seen + 1e-6), has_strokes),
    )
    return sum(share * (loss * weight).sum() / weight.sum().clamp_min(1.0) for share, loss, weight in parts)


def load(model: nn.Module, arrays: dict[str, np.ndarray]) -> None:
    """Copy Flax parameters, which are named by their paths, into the model."""
    renamed = {"enter": "in", "embed_tokens.weight": "embed_tokens.table"}
    state = {}
    for name, tensor in model.state_dict().items():
        path = name.replace("conv.", "conv").replace("pairs.", "pairs.mlp.").replace(".enter.", ".in.")
        for group in ("encoder", "decoder"):
            path = path.replace(f"{group}.", f"{group}_")
        path = renamed.get(path, path) if path.startswith("head_") else "model." + renamed.get(path, path)
        if path not in arrays:
            is_norm = "norm" in path.rsplit(".", 2)[-2]
            path = path.replace("weight", "scale" if is_norm else "kernel")
        value = torch.from_numpy(arrays[path])
        state[name] = (
            value.movedim(0, -1).transpose(0, 1) if value.ndim == 3 else value.T if "kernel" in path else value
        )
        assert state[name].shape == tensor.shape, (name, path, state[name].shape, tensor.shape)
    model.load_state_dict(state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("batches", help="written by train_step.py")
    parser.add_argument("--mode", choices=("eager", "compile"), required=True, help="how to run it")
    parser.add_argument("--threads", type=int, required=True, help="of torch")
    parser.add_argument("--seconds", type=float, default=5.0, help="seconds of steps at each shape (default: 5)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    with np.load(args.batches) as file:
        arrays = dict(file)
    about = json.loads(arrays.pop("about").tobytes())
    batches = [{name: batch_tensor(arrays[f"{i}/{name}"]) for name in about["fields"]} for i in range(about["shapes"])]
    model = Transformer(**about["model"])
    load(model, {name[7:]: value for name, value in arrays.items() if name.startswith("params/")})
    model.eval()
    loss = loss_of(model(batches[0]), batches[0], about["smoothing"])
    loss.backward()
    size = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
    model.train()
    seconds = [time_steps(model, batch, about["smoothing"], args) for batch in batches]
    print(json.dumps({"loss": loss.item(), "gradient_norm": size.item(), "seconds": seconds}))


def batch_tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.astype(np.int64) if array.dtype == np.int32 else array)


def time_steps(model: nn.Module, batch: Batch, smoothing: float, args: argparse.Namespace) -> float:
    """Median seconds of a step: gradients, clipping, AdamW, moving average."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-5, betas=(0.9, 0.98), fused=True)
    average = [p.detach().clone() for p in model.parameters()]

    def gradients() -> Tensor:
        return loss_of(model(batch), batch, smoothing)

    forward = torch.compile(gradients, dynamic=False) if args.mode == "compile" else gradients

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        forward().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        torch._foreach_lerp_(average, [p.detach() for p in model.parameters()], 0.001)

    for _ in range(3):
        step()
    times: list[float] = []
    end = time.perf_counter() + args.seconds
    while time.perf_counter() < end or len(times) < 3:
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    main()
