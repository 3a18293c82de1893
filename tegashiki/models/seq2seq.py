"""The contract of all sequence models, and the module that builds a model from its config.

A sequence model has these methods. `encoded` and `cache` are dictionaries of arrays, whose keys become names in the
signatures of the exported file.

- `stem(points_NP2) -> strokes_NE`: each stroke independently of the others;
- `encode(strokes_BSE, boxes_BS3, mask_BS, deterministic) -> encoded`: once per ink;
- `decode(encoded, inputs_BL, deterministic) -> (logits_BLV, attention_BLS)`: all known tokens at once, for training;
- `init_cache(encoded, max_tokens) -> cache` and
  `decode_step(encoded, cache, tokens_B, position) -> (logits_BV, attention_BS, hidden_BD, cache)`: one token at a time.

Inputs: `points` are float32 in each stroke's own frame, within -0.5..0.5; `boxes` are centre x, centre y and size in
units of the median stroke size (`tegashiki/ink/preprocess.py`); `mask` is True for real strokes; tokens are int32.
`hidden` is the float32 vector from which the last layer computes the logits; a writer's memory compares it.
"""

from dataclasses import dataclass

import flax.linen as nn
import jax
import jax.numpy as jnp

from tegashiki.errors import UserError, check_range
from tegashiki.models.gru import GRU
from tegashiki.models.stem import SHAPE_FEATURES
from tegashiki.models.transformer import Transformer

SLOT_COUNT = 7  # length of tegashiki.latex.normalize.SLOTS (models import nothing from latex; a test compares the two)
KINDS = ("transformer", "gru")
DTYPES = ("float32", "bfloat16", "float64")
MAX_WIDTH = 16_384
MAX_LAYERS = 128  # also the maximum number of heads


@dataclass(frozen=True)
class ModelConfig:
    """The settings of a model."""

    kind: str = "transformer"  # one of KINDS
    width: int = 128  # D, size of the vector of a stroke or token
    heads: int = 4  # attention heads, transformer only
    encoder_layers: int = 4
    decoder_layers: int = 3  # transformer only
    dropout: float = 0.1  # probability, after every sub-layer
    blind: bool = False  # True hides the strokes from the decoder: a baseline that knows only the language
    dtype: str = "float32"  # of the computation, one of DTYPES; bfloat16 for accelerators; parameters stay float32

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            UserError: A setting is invalid, or so large that the model could not be built in reasonable time.
        """
        whole = {name: getattr(self, name) for name in ("width", "heads", "encoder_layers", "decoder_layers")}
        for name, value in whole.items():
            check_range(f"model.{name}", value, 1, MAX_WIDTH if name == "width" else MAX_LAYERS)
        if self.width % self.heads:
            raise UserError(f"model.width {self.width} is not a multiple of model.heads {self.heads}")
        if not 0 <= self.dropout < 1:
            raise UserError(f"model.dropout is {self.dropout}; it can be 0 or more, but below 1")
        for name, value, known in (("kind", self.kind, KINDS), ("dtype", self.dtype, DTYPES)):
            if value not in known:
                raise UserError(f"model.{name} is {value!r}; it can be {' or '.join(map(repr, known))}")


class Seq2Seq(nn.Module):
    """A sequence model with auxiliary heads, which are used in training only and are not exported."""

    config: ModelConfig
    vocabulary_size: int

    def setup(self) -> None:
        """Create the sequence model of the config and the auxiliary heads."""
        config = self.config
        dtype = jnp.dtype(config.dtype)
        self.model: nn.Module
        if config.kind == "transformer":
            self.model = Transformer(
                self.vocabulary_size,
                config.width,
                config.heads,
                config.encoder_layers,
                config.decoder_layers,
                config.dropout,
                config.blind,
                dtype,
            )
        else:
            self.model = GRU(
                self.vocabulary_size, config.width, config.encoder_layers, config.dropout, config.blind, dtype
            )
        self.head_symbol = nn.Dense(self.vocabulary_size, dtype=dtype)
        self.head_same = nn.Dense(1, dtype=dtype)
        self.head_slot = nn.Dense(SLOT_COUNT, dtype=dtype)

    def __call__(self, batch: dict[str, jax.Array], deterministic: bool = True) -> dict[str, jax.Array]:
        """Run a whole batch with known tokens.

        Args:
            batch: `points` (B, S, P, 2), `boxes` (B, S, 3), `mask` (B, S) and `inputs` (B, L).
            deterministic: False applies dropout, which needs the rng "dropout".

        Returns:
            `logits` (B, L, V), `attention` (B, L, S), and logits for each stroke, all float32: its `symbol` (B, S, V),
            whether it belongs to the `same` symbol as the stroke before (B, S), and its `slot` (B, S, 7).
        """
        batch_size, strokes, points, _ = batch["points"].shape
        strokes_NE = self.stem(batch["points"].reshape(batch_size * strokes, points, 2))
        strokes_BSE = strokes_NE.reshape(batch_size, strokes, -1)
        encoded = self.encode(strokes_BSE, batch["boxes"], batch["mask"], deterministic)
        logits, attention = self.model.decode(encoded, batch["inputs"], deterministic)
        return {
            "logits": logits,
            "attention": attention,
            "symbol": self.head_symbol(encoded["strokes"]).astype(jnp.float32),
            "same": self.head_same(encoded["strokes"]).astype(jnp.float32)[..., 0],
            "slot": self.head_slot(encoded["strokes"]).astype(jnp.float32),
        }

    def stem(self, points_NP2: jax.Array) -> jax.Array:
        """See the contract in the module's docstring."""
        return self.model.stem(points_NP2)

    def encode(
        self, strokes_BSE: jax.Array, boxes_BS3: jax.Array, mask_BS: jax.Array, deterministic: bool = True
    ) -> dict[str, jax.Array]:
        """See the contract in the module's docstring."""
        return self.model.encode(strokes_BSE, boxes_BS3, mask_BS, deterministic)

    def init_cache(self, encoded: dict[str, jax.Array], max_tokens: int) -> dict[str, jax.Array]:
        """See the contract in the module's docstring."""
        return self.model.init_cache(encoded, max_tokens)

    def decode_step(
        self, encoded: dict[str, jax.Array], cache: dict[str, jax.Array], tokens_B: jax.Array, position: jax.Array
    ) -> tuple[jax.Array, jax.Array, jax.Array, dict[str, jax.Array]]:
        """See the contract in the module's docstring."""
        return self.model.decode_step(encoded, cache, tokens_B, position)


def stem_width(config: ModelConfig) -> int:
    """Return E, the size of the stem's vector for a stroke."""
    return config.width + SHAPE_FEATURES
