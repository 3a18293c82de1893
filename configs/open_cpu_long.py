"""All available ink on a CPU, for longer: the last stage of the chain of runs that gives the shipped model.

    tegashiki prepare crohme --source DIR
    tegashiki prepare symbols --source DIR
    cp im2latex-val-test.norm.txt.xz DATA_DIR/formulas/
    python train.py configs/open_cpu_long.py --workdir runs/open_cpu_long --init runs/open_cpu
    python train.py configs/open_cpu_long.py --workdir runs/open_cpu_again --init runs/open_cpu_long

Data: crohme without validation, test_2014 and test_2016; symbols; formulas. Hardware: 1 core (--devices 1). Time: 60 to
80 minutes a run, after the earlier runs of the chain.
Result (int8, greedy): 74.44 % on test_2014, 75.85 % on test_2016.
The first runs of the shipped model had other settings: docs/experiments.md, "rows of symbols".
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.optimizer import OptimizerConfig

config = Config(
    name="open_cpu_long",
    model=ModelConfig(kind="transformer", width=128, heads=4, encoder_layers=6, decoder_layers=3, dropout=0.1),
    data=DataConfig(
        dataset="crohme",
        train=("train", "train_2019_extra", "test_2011", "test_2012", "test_2013"),
        symbols=("unipen[:85%]", "detexify"),
        formulas="formulas/im2latex-val-test.norm.txt.xz",
    ),
    recombine=RecombineConfig(
        typeset=0.35,
        grammar_formulas=0.3,
        paper_formulas=0.2,
        symbol_rows=0.3,
        external_symbols=0.35,
        blend=0.3,
        second_script=0.25,
        prefix=0.08,
        swap_case=0.1,
    ),
    habits=HabitsConfig(spacing=0.25, placing=0.25, order=0.12, reversed=0.02, lifted=0.01, joined=0.05, device=0.25),
    augment=AugmentConfig(symbol_scale=0.08, symbol_shear=0.08, symbol_rotation=0.04, wobble=0.06, token_noise=0.1),
    loss=LossConfig(label_smoothing=0.1),
    optimizer=OptimizerConfig(learning_rate=7e-4),
    train=TrainConfig(steps=12_000, validate_every=4_000),
)
