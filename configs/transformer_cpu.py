"""CROHME on a CPU: the Transformer on the official training ink alone, no recombined ink.

    tegashiki prepare crohme --source DIR
    python train.py configs/transformer_cpu.py --workdir runs/transformer_cpu

Data: crohme/train. Hardware: 2 cores. Time: 40 minutes; it stops by itself at about step 14,000.
Result (checkpoint, greedy): 55.07 % on test_2014, 48.82 % on test_2016.
"""

from tegashiki.config import Config, DataConfig, TrainConfig
from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.state import OptimizerConfig

config = Config(
    name="transformer_cpu",
    model=ModelConfig(kind="transformer", width=128, heads=4, encoder_layers=4, decoder_layers=3, dropout=0.2),
    data=DataConfig(dataset="crohme"),
    augment=AugmentConfig(
        warp=0.15, stroke_scale=0.12, stroke_rotation=0.1, stroke_shift=0.08, noise=0.02, token_noise=0.15
    ),
    loss=LossConfig(label_smoothing=0.1),
    optimizer=OptimizerConfig(weight_decay=0.05),
    train=TrainConfig(steps=14_000, validate_every=2_000),
)
