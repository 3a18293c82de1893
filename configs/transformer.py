"""Training on one accelerator: a wider Transformer in bfloat16 on official ink, resumable in pieces of 9 minutes.

    tegashiki prepare crohme --source DIR
    timeout --signal=TERM 540 python train.py configs/transformer.py --workdir runs/transformer --workers 14   # repeat

Data: crohme/train (24 MB to transfer, with validation and both tests). Hardware: one accelerator and a dozen cores for
recombination. Result: not measured yet. On a CPU three steps, a validation and a checkpoint take 5 minutes.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.optimizer import OptimizerConfig

config = Config(
    name="transformer",
    model=ModelConfig(
        kind="transformer", width=224, heads=8, encoder_layers=6, decoder_layers=3, dropout=0.1, dtype="bfloat16"
    ),
    data=DataConfig(dataset="crohme", inks_per_step=128),
    recombine=RecombineConfig(typeset=0.25, second_script=0.25, blend=0.4, prefix=0.08, swap_case=0.08),
    habits=HabitsConfig(spacing=0.25, placing=0.25, order=0.12, reversed=0.02, lifted=0.01, joined=0.05, device=0.2),
    augment=AugmentConfig(wobble=0.06, token_noise=0.1),
    loss=LossConfig(label_smoothing=0.1),
    optimizer=OptimizerConfig(warmup_steps=1_000, weight_decay=0.05),
    train=TrainConfig(steps=40_000, validate_every=4_000, checkpoint_every=2_000, log_every=100),
)
