"""What a rung of `ladder.py` changes in the package, in its own process: parts that stay have no switches there."""


def no_pairs():
    """No geometry between strokes: biases of 0."""
    import flax.linen as nn
    import jax.numpy as jnp

    from tegashiki.models import gru, transformer

    class NoPairs(gru.PairGeometry):
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

    class Points(gru.Stem):
        @nn.compact
        def __call__(self, points_NP2):
            flat = points_NP2.reshape(len(points_NP2), -1)
            return jnp.pad(flat, ((0, 0), (0, self.width + SHAPE_FEATURES - flat.shape[1])))

    class Sequence(gru.StrokeEmbedding):
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
            last = jnp.where(_real(boxes_BS3), jnp.arange(strokes), 0).max(axis=1)
            lengths = 4 * (last + 1)
            ways = ({}, {"reverse": True, "keep_order": True})
            both = [nn.RNN(nn.GRUCell(self.width // 2), unroll=4, **way)(x, seq_lengths=lengths) for way in ways]
            return jnp.concatenate(both, axis=-1).reshape(batch, strokes, 4, self.width).mean(axis=2)

    gru.Stem, gru.StrokeEmbedding = Points, Sequence


def _real(boxes_BS3):
    """Which strokes are no padding, where a model is given no mask: (B, S)."""
    return (boxes_BS3 != 0).any(axis=-1)


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


def glimpses():
    """Convolutions over a small picture of each stroke and the eight nearest, added to the stroke's vector."""
    import flax.linen as nn
    import jax
    import jax.numpy as jnp
    import numpy as np

    from tegashiki.models import stem, transformer

    neighbours, grid, far = 8, 16, 1e6
    sketch = 32  # numbers: every second point, kept behind what the stem gives

    class Stem(stem.Stem):
        @nn.compact
        def __call__(self, points_NP2):
            halves = (points_NP2[:, ::2] + points_NP2[:, 1::2]) / 2
            vectors = stem.Stem(self.width, self.dtype)(points_NP2)
            return jnp.concatenate([vectors, halves.reshape(len(points_NP2), sketch)], axis=-1)

    class Pairs(stem.PairGeometry):
        @nn.compact
        def __call__(self, strokes_BSE, boxes_BS3):
            return stem.PairGeometry(self.outputs, self.dtype)(strokes_BSE[..., :-sketch], boxes_BS3)

    def nearest(shape_BS7, boxes_BS3):
        """Ones at the strokes whose boxes come nearest to each stroke's centre: (B, S, 8, S)."""
        centre_BS2, strokes = boxes_BS3[..., :2], boxes_BS3.shape[1]
        distance_BSS2 = jnp.abs(centre_BS2[:, None] - centre_BS2[:, :, None])
        gap_BSS = (distance_BSS2 - (shape_BS7[..., :2] * boxes_BS3[..., 2:] / 2)[:, None]).max(axis=-1)
        others_BSS = _real(boxes_BS3)[:, None] & ~np.eye(strokes, dtype=bool)
        gap_BSS, chosen = jnp.where(others_BSS, gap_BSS, far), []
        for _ in range(neighbours):
            best_BSS = jax.nn.one_hot(gap_BSS.argmin(axis=-1), strokes)
            chosen.append(best_BSS * (gap_BSS < far))
            gap_BSS = jnp.where(best_BSS > 0, far, gap_BSS)
        return jnp.stack(chosen, axis=2)

    def draw(places_BSR2, weights_BSR):
        """Share each point, in cells from the grid's middle, out over the four cells that it lies between."""
        ticks = np.arange(grid) - (grid - 1) / 2
        columns, rows = (nn.relu(1 - jnp.abs(places_BSR2[..., i : i + 1] - ticks)) for i in (0, 1))
        return jnp.minimum(jnp.einsum("bsry,bsrx->bsyx", rows * weights_BSR[..., None], columns), 1)

    def pictures(sketch_BSQ2, shape_BS7, boxes_BS3):
        """The stroke itself and its neighbours about its centre: (B S, 16, 16, 2)."""
        batch, strokes, points, _ = sketch_BSQ2.shape
        centre, size = boxes_BS3[:, :, None, :2], jnp.maximum(boxes_BS3[:, :, None, 2:], stem.SMALLEST)
        cell = 2 * (0.6 * size + 0.4) / (grid - 1)
        page_BSF = (centre + sketch_BSQ2 * size).reshape(batch, strokes, 2 * points)
        chosen = nearest(shape_BS7, boxes_BS3)
        near = jnp.einsum("binj,bjf->binf", chosen, page_BSF).reshape(batch, strokes, -1, 2)
        others = draw((near - centre) / cell, jnp.repeat(chosen.max(axis=-1), points, axis=-1))
        own = draw(sketch_BSQ2 * (size / cell), jnp.ones((1, 1, 1)))
        return jnp.stack([own, others], axis=-1).reshape(batch * strokes, grid, grid, 2)

    class Embedding(stem.StrokeEmbedding):
        @nn.compact
        def __call__(self, strokes_BSE, boxes_BS3):
            x_BSD = stem.StrokeEmbedding(self.width, self.dtype)(strokes_BSE[..., :-sketch], boxes_BS3)
            batch, strokes, _ = x_BSD.shape
            given = jax.lax.stop_gradient(strokes_BSE)
            points = given[..., -sketch:].reshape(batch, strokes, -1, 2)
            x = pictures(points, stem.split_stem(given[..., :-sketch])[1], boxes_BS3)
            for features, kernel in ((16, 5), (32, 3)):
                x = nn.gelu(nn.Conv(features, (kernel, kernel), strides=(2, 2))(x), approximate=True)
            return x_BSD + nn.Dense(self.width, kernel_init=nn.initializers.zeros)(x.reshape(batch, strokes, -1))

    transformer.Stem, transformer.StrokeEmbedding, transformer.PairGeometry = Stem, Embedding, Pairs


def own_guesses():
    """A quarter of the tokens that the decoder is given are what it would have said itself, a pass before."""
    import jax
    import jax.numpy as jnp

    from tegashiki.models.seq2seq import Seq2Seq

    usual = Seq2Seq.__call__

    def guess_and_read(self, batch, deterministic=True):
        if deterministic:
            return usual(self, batch)
        said_BL = jax.lax.stop_gradient(usual(self, batch)["logits"]).argmax(axis=-1)
        guessed_BL = jnp.concatenate([batch["inputs"][:, :1], said_BL[:, :-1]], axis=1)
        swapped_BL = jax.random.bernoulli(self.make_rng("dropout"), 0.25, guessed_BL.shape)
        return usual(self, batch | {"inputs": jnp.where(swapped_BL, guessed_BL, batch["inputs"])}, deterministic)

    Seq2Seq.__call__ = guess_and_read


def teacher():
    """Half of the tokens' targets are what the shipped official model would say."""
    from functools import cache

    import jax
    import optax

    from tegashiki.training import step
    from tegashiki.training.checkpoint import load_checkpoint

    read = cache(load_checkpoint)  # when the first step is traced: training sets JAX up before it is used
    usual = step.loss_sums

    def taught_sums(outputs, batch, label_smoothing):
        sums = usual(outputs, batch, label_smoothing)
        with jax.ensure_compile_time_eval():
            knowing = read("weights/official.npz")
        said_BLV = jax.nn.softmax(knowing.model.apply({"params": knowing.state.ema}, batch)["logits"])
        apart_BL = optax.softmax_cross_entropy(outputs["logits"], said_BLV) * batch["weights"]
        return sums | {"tokens": (sums["tokens"] + apart_BL.sum()) / 2}

    step.loss_sums = taught_sums


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
