"""CROHME on a CPU: the GRU on the official training ink only, without recombination.

    tegashiki prepare crohme --source DIR
    python train.py configs/gru_cpu.py --workdir runs/gru_cpu

Data: crohme/train. Hardware: 2 cores. Time: about 25 minutes; it stops by itself at step 8,500.
Result (checkpoint, greedy): 50.00 % on test_2014, 46.99 % on test_2016.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig

config = Config(
    name="gru_cpu",
    model=ModelConfig(kind="gru", width=192, encoder_layers=2, dropout=0.15),
    data=DataConfig(dataset="crohme"),
    loss=LossConfig(label_smoothing=0.1),
    train=TrainConfig(steps=16_000, validate_every=1_700, patience=2),
)
