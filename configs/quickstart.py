"""A run of minutes on any machine: a small Transformer that learns to read synthetic ink made from fonts.

    make quickstart

Data: 6,000 embedded inks, no download. Hardware: 2 cores.
"""

from tegashiki.input_pipeline.batching import Limits
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig

config = Config(
    name="quickstart",
    model=ModelConfig(width=96, heads=4, encoder_layers=2, decoder_layers=2, dropout=0.05),
    # Two shapes: a third would take longer to compile than it would save in the steps.
    data=DataConfig(dataset="embedded", buckets=2, limits=Limits(strokes=32, tokens=64)),
    train=TrainConfig(steps=3_000, validate_every=1_000, checkpoint_every=1_000),
)
