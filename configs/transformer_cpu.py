"""CROHME on a CPU: the Transformer on the official training ink alone, no recombined ink.

    tegashiki prepare crohme --source DIR
    python train.py configs/transformer_cpu.py --workdir runs/transformer_cpu

Data: crohme/train. Hardware: 2 cores. Time and result: see docs/experiments.md.
"""

from tegashiki.config import Config, DataConfig, TrainConfig
from tegashiki.models.seq2seq import ModelConfig

config = Config(
    name="transformer_cpu",
    model=ModelConfig(kind="transformer", width=128, heads=4, encoder_layers=4, decoder_layers=3),
    data=DataConfig(dataset="crohme"),
    train=TrainConfig(steps=16_000, validate_every=1_600),
)
