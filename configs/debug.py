"""A run of seconds on any machine that checks the whole pipeline.

    python train.py configs/debug.py --workdir runs/debug

Data: 14 embedded inks; the model is far from learning them in its 60 steps. Hardware: anything. Time: under a minute on
2 cores, most of it compilation.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig

config = Config(
    name="debug",
    model=ModelConfig(width=32, heads=2, encoder_layers=1, decoder_layers=2, dropout=0.0),
    data=DataConfig(dataset="embedded", train_inks=14, validation_inks=14, buckets=1, inks_per_step=14),
    train=TrainConfig(steps=60, validate_every=30, checkpoint_every=30, log_every=1),
)
