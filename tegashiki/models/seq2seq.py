"""The contract that every model keeps, and the one place where a model is built.

A sequence model has four methods (dictionaries of arrays, so that signatures of the exported file have names):

- `stem(points_NP2) -> strokes_NE`: one stroke at a time, independent of the others;
- `encode(strokes_BSE, boxes_BS3, mask_BS, deterministic) -> encoded`: once an ink;
- `decode(encoded, inputs_BL, deterministic) -> (logits_BLV, attention_BLS)`: known tokens, for training;
- `init_cache(encoded, max_tokens) -> cache` and
  `decode_step(encoded, cache, tokens_B, position) -> (logits_BV, attention_BS, hidden_BD, cache)`: one token at a time.

Inputs: `points` in each stroke's own frame, float32 within -0.5..0.5; `boxes` centre x, centre y and size in median
stroke sizes (`tegashiki/ink/preprocess.py`); `mask` True where a stroke is real; tokens int32. `hidden` is the vector,
float32, that the last layer turns into the logits: a writer's memory compares readings by it.
"""

from dataclasses import dataclass

import flax.linen as nn
import jax
import jax.numpy as jnp

from tegashiki.errors import UserError, check_range
from tegashiki.models.gru import GRU
from tegashiki.models.stem import SHAPE_FEATURES
from tegashiki.models.transformer import Transformer

SLOT_COUNT = 7  # of tegashiki.latex.normalize.SLOTS; models import nothing from latex, a test holds the two equal
KINDS = ("transformer", "gru")
DTYPES = ("float32", "bfloat16", "float64")
MAX_WIDTH = 16_384
MAX_LAYERS = 128  # and heads


@dataclass(frozen=True)
class ModelConfig:
    """What fixes a model's parameters."""

    kind: str = "transformer"  # or "gru"
    width: int = 128  # D, numbers a stroke and a token
    heads: int = 4  # attention heads (transformer)
    encoder_layers: int = 4
    decoder_layers: int = 3  # (transformer)
    dropout: float = 0.1  # probability, after every sub-layer
    blind: bool = False  # True: the decoder sees no strokes, the baseline that shows what language alone gives
    dtype: str = "float32"  # of the computation: float32, or bfloat16 on accelerators; parameters stay float32

    def __post_init__(self) -> None:
        """Refuse what makes no model, or none that could be built in reasonable time: raises UserError."""
        whole = {name: getattr(self, name) for name in ("width", "heads", "encoder_layers", "decoder_layers")}
        for name, value in whole.items():
            check_range(f"model.{name}", value, 1, MAX_WIDTH if name == "width" else MAX_LAYERS)
        if self.width % self.heads:
            raise UserError(f"model.width {self.width} is not a multiple of model.heads {self.heads}")
        if not 0 <= self.dropout < 1:
            raise UserError(f"model.dropout is {self.dropout}; it can be 0 to below 1")
        for name, value, known in (("kind", self.kind, KINDS), ("dtype", self.dtype, DTYPES)):
            if value not in known:
                raise UserError(f"model.{name} is {value!r}; it can be {' or '.join(map(repr, known))}")


class Seq2Seq(nn.Module):
    """A sequence model with its auxiliary heads, which supervise training and are not exported."""

    config: ModelConfig
    vocabulary_size: int

    def setup(self) -> None:
        """Build the sequence model named by the config."""
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
          `logits` (B, L, V), `attention` (B, L, S), and a stroke's `symbol` (B, S, V), `same` (B, S: same symbol as the
          stroke before, a logit) and `slot` (B, S, 7).
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
        """See the module's contract."""
        return self.model.stem(points_NP2)

    def encode(
        self, strokes_BSE: jax.Array, boxes_BS3: jax.Array, mask_BS: jax.Array, deterministic: bool = True
    ) -> dict[str, jax.Array]:
        """See the module's contract."""
        return self.model.encode(strokes_BSE, boxes_BS3, mask_BS, deterministic)

    def init_cache(self, encoded: dict[str, jax.Array], max_tokens: int) -> dict[str, jax.Array]:
        """See the module's contract."""
        return self.model.init_cache(encoded, max_tokens)

    def decode_step(
        self, encoded: dict[str, jax.Array], cache: dict[str, jax.Array], tokens_B: jax.Array, position: jax.Array
    ) -> tuple[jax.Array, jax.Array, jax.Array, dict[str, jax.Array]]:
        """See the module's contract."""
        return self.model.decode_step(encoded, cache, tokens_B, position)


def stem_width(config: ModelConfig) -> int:
    """Return E, the numbers that the stem gives a stroke."""
    return config.width + SHAPE_FEATURES
