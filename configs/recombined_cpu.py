"""CROHME on a CPU: official ink, recombined on the fly.

    tegashiki prepare crohme --source DIR
    python train.py configs/recombined_cpu.py --workdir runs/recombined_cpu --init runs/transformer_cpu

Data: crohme/train. Hardware: 1 core (--devices 1). Time: 65 minutes, after 40 for transformer_cpu on two cores.
Result (int8, greedy): 63.49 % on test_2014, 62.77 % on test_2016.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig

config = Config(
    name="recombined_cpu",
    model=ModelConfig(kind="transformer", width=128, heads=4, encoder_layers=4, decoder_layers=3, dropout=0.1),
    data=DataConfig(dataset="crohme"),
    recombine=RecombineConfig(),
    loss=LossConfig(label_smoothing=0.1),
    train=TrainConfig(steps=18_000, validate_every=2_000),
)
