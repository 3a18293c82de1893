"""CROHME on a CPU: the Transformer on the official training ink only, without recombination.

    tegashiki prepare crohme --source DIR
    python train.py configs/transformer_cpu.py --workdir runs/transformer_cpu

Data: crohme/train. Hardware: 2 cores. Time: 40 minutes; it stops by itself at about step 14,000.
Result (checkpoint, greedy): 55.07 % on test_2014, 48.82 % on test_2016.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig

config = Config(
    name="transformer_cpu",
    model=ModelConfig(kind="transformer", width=128, heads=4, encoder_layers=4, decoder_layers=3, dropout=0.15),
    data=DataConfig(dataset="crohme"),
    loss=LossConfig(label_smoothing=0.1),
    train=TrainConfig(steps=20_000, validate_every=1_700, patience=2),
)
