"""CROHME on one accelerator: a wider Transformer in bfloat16, resumable in pieces of 9 minutes.

    tegashiki prepare crohme --source DIR
    timeout --signal=TERM 540 python train.py configs/transformer.py --workdir runs/transformer   # again to go on

Data: crohme/train. Hardware: one accelerator, at most 20 minutes. Result: not measured yet.
"""

from tegashiki.config import Config, DataConfig, TrainConfig
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.state import OptimizerConfig

config = Config(
    name="transformer",
    model=ModelConfig(
        kind="transformer", width=256, heads=8, encoder_layers=6, decoder_layers=3, dropout=0.2, dtype="bfloat16"
    ),
    data=DataConfig(dataset="crohme", inks_per_step=64),
    loss=LossConfig(label_smoothing=0.1),
    optimizer=OptimizerConfig(warmup_steps=500),
    train=TrainConfig(steps=15_000, validate_every=1_000),
)
