"""Tiny random models of both kinds, converted once. No parameter is zero, because zeros could hide a fault."""

import dataclasses
from collections.abc import Callable, Sequence

import jax
import numpy as np
import pytest

from tegashiki.datasets.prepared import load_examples
from tegashiki.export import export as export_module
from tegashiki.export.convert import to_tflite
from tegashiki.export.export import check_inks
from tegashiki.export.signatures import Params, Signature, Sizes, make_signatures
from tegashiki.input_pipeline.batching import EncodedInk
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.models.seq2seq import ModelConfig, Seq2Seq
from tegashiki.training.checkpoint import Checkpoint
from tegashiki.training.config import Config, DataConfig
from tegashiki.training.state import initial_state

SIZES = {"transformer": Sizes(strokes=(12, 24), beams=(1, 3)), "gru": Sizes(strokes=(24,), beams=(1, 3))}


def make_checkpoint(kind: str, seed: int = 0) -> Checkpoint:
    examples = load_examples("embedded", "validation[:40]")
    tokens = sorted({token for example in examples for token in example.tokens})
    config = Config(
        name=f"tiny_{kind}",
        model=ModelConfig(kind=kind, width=16, heads=2, encoder_layers=1, decoder_layers=2),
        data=DataConfig(dataset="embedded", validation="validation[:40]"),
    )
    vocabulary = Vocabulary(tokens)
    state = initial_state(config, vocabulary)
    random = np.random.default_rng(seed)
    ema = jax.tree.map(lambda leaf: leaf + random.normal(0, 0.3, leaf.shape).astype(np.float32), state.ema)
    return Checkpoint(state.replace(ema=ema), config, vocabulary, {"step": 7, "best_exprate": 12.5})


@dataclasses.dataclass(frozen=True)
class Made:
    checkpoint: Checkpoint
    sizes: Sizes
    content: bytes  # the output of the converter
    inks: dict[str, EncodedInk]


def _make(kind: str) -> Made:
    checkpoint = make_checkpoint(kind)
    model = Seq2Seq(checkpoint.config.model, len(checkpoint.vocabulary))
    params = {"model": checkpoint.state.ema["model"]}
    sizes = SIZES[kind]
    content = to_tflite(make_signatures(model, params, sizes).functions, params)
    return Made(checkpoint, sizes, content, check_inks(checkpoint, None, 6, sizes))


@pytest.fixture(scope="session")
def transformer() -> Made:
    return _make("transformer")


@pytest.fixture(scope="session")
def gru() -> Made:
    return _make("gru")


@pytest.fixture(params=list(SIZES))
def made(request: pytest.FixtureRequest) -> Made:
    return request.getfixturevalue(request.param)


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Made], list[Params]]:
    """Let `export` use an existing conversion; the list that is returned collects the parameters it is called with."""

    def use(made: Made) -> list[Params]:
        given: list[Params] = []

        def to_tflite(functions: Sequence[Signature], params: Params) -> bytes:
            given.append(params)
            return made.content

        monkeypatch.setattr(export_module, "to_tflite", to_tflite)
        return given

    return use
