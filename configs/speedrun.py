"""The record of docs/speedrun.md: from random parameters to 65 % of validation in minutes on two cores.

    tegashiki prepare crohme --source DIR
    python train.py configs/speedrun.py --workdir runs/speedrun

Data: crohme/train, recombined on the fly. Hardware: 2 cores. Time: 12 minutes, 2 of them start-up and compilation.
Result (checkpoint, greedy): 59.2 and 58.7 % on test_2014 (two seeds); 66.4 and 65.3 % on validation.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.optimizer import OptimizerConfig

config = Config(
    name="speedrun",
    model=ModelConfig(kind="transformer", width=128, heads=4, encoder_layers=4, decoder_layers=3, dropout=0.0),
    data=DataConfig(dataset="crohme", buckets=6, inks_per_step=12),
    recombine=RecombineConfig(typeset=0.2),
    # Half of the usual distortion: a run of minutes is far from overfitting.
    augment=AugmentConfig(
        rotation=0.06,
        shear=0.12,
        scale=0.12,
        perspective=0.05,
        warp=0.05,
        stroke_scale=0.04,
        stroke_rotation=0.03,
        stroke_shift=0.025,
        noise=0.006,
    ),
    loss=LossConfig(label_smoothing=0.1),
    optimizer=OptimizerConfig(learning_rate=2e-3),
    train=TrainConfig(steps=6_800, validate_every=1_700, checkpoint_every=6_800),
)
