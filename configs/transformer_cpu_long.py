"""CROHME on a CPU: official ink only, with all of synthesis; the last stage of a chain of runs.

    tegashiki prepare crohme --source DIR
    python train.py configs/transformer_cpu_long.py --workdir runs/long --init runs/recombined_cpu
    python train.py configs/transformer_cpu_long.py --workdir runs/again --init runs/long
    tegashiki average runs/long runs/again/checkpoints/latest/8000 --output official.npz

Data: crohme/train. Hardware: 1 core (--devices 1). Time: 70 and 35 minutes, after the earlier runs of the chain.
Result (int8): 66.84 % on test_2014, 66.43 % on test_2016 (beam 5: 70.28, 68.70). This model is weights/official.npz.
Its first run had 17,000 steps, dropout 0.05, and neither wobble nor second_script: docs/experiments.md.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.optimizer import OptimizerConfig

config = Config(
    name="transformer_cpu_long",
    model=ModelConfig(kind="transformer", width=128, heads=4, encoder_layers=4, decoder_layers=3, dropout=0.1),
    data=DataConfig(dataset="crohme"),
    recombine=RecombineConfig(typeset=0.25, second_script=0.25, prefix=0.08, swap_case=0.08),
    habits=HabitsConfig(spacing=0.25, placing=0.25, order=0.12, reversed=0.02, lifted=0.01, joined=0.05, device=0.2),
    augment=AugmentConfig(wobble=0.06, token_noise=0.1),
    loss=LossConfig(label_smoothing=0.1),
    optimizer=OptimizerConfig(learning_rate=6e-4),
    train=TrainConfig(steps=8_000, validate_every=2_000),
)
