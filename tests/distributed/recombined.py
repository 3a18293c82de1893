"""A config for `check.py`: recombined ink made from fonts, which needs no download."""

from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.config import Config, DataConfig

config = Config(
    name="distributed",
    data=DataConfig(dataset="embedded"),
    recombine=RecombineConfig(typeset=0.2, prefix=0.2),
    habits=HabitsConfig(spacing=0.3, placing=0.3, order=0.3, device=0.3),
)
