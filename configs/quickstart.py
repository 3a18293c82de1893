"""Minutes on any machine: a small Transformer that really reads, on ink made up from fonts.

    make quickstart

Data: 6,000 embedded inks, no download.
"""

from tegashiki.config import Config, DataConfig, TrainConfig
from tegashiki.models.seq2seq import ModelConfig

config = Config(
    name="quickstart",
    model=ModelConfig(width=96, heads=4, encoder_layers=2, decoder_layers=2, dropout=0.05),
    data=DataConfig(dataset="embedded", buckets=3),
    train=TrainConfig(steps=2_000, validate_every=1_000, checkpoint_every=1_000),
)
