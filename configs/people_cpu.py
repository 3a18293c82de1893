"""The shipped model: wider, and taught by more people, numbers, tables, school mathematics and traced pictures.

    tegashiki prepare crohme --source DIR
    tegashiki prepare symbols --source DIR
    tegashiki prepare lines --source DIR
    cp im2latex-val-test.norm.txt.xz DATA_DIR/formulas/
    python train.py configs/people_cpu.py --workdir runs/people --init default --devices 1

Data: crohme without validation, test_2014 and test_2016; symbols; lines; formulas. Hardware: 1 core. Time: 82 minutes,
after the runs of the chain; docs/experiments.md has all pieces. What ships is the mean of two such continuations.
Result (int8, greedy): 77.48 % on test_2014, 77.07 % on test_2016, 86.82 % on people/validation.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.optimizer import OptimizerConfig

config = Config(
    name="people_cpu",
    model=ModelConfig(kind="transformer", width=192, heads=6, encoder_layers=6, decoder_layers=3, dropout=0.1),
    data=DataConfig(
        dataset="crohme",
        train=("train", "train_2019_extra", "test_2011", "test_2012", "test_2013"),
        symbols=("unipen_train", "digilets", "omniglot", "detexify"),
        lines=("train",),
        formulas="formulas/im2latex-val-test.norm.txt.xz",
        inks_per_step=12,
    ),
    recombine=RecombineConfig(
        typeset=0.5,
        grammar_formulas=0.14,
        paper_formulas=0.14,
        symbol_rows=0.2,
        numbers=0.25,
        tables=0.08,
        school=0.15,
        one_writer=0.5,
        two_writers=0.3,
        external_symbols=0.4,
        blend=0.3,
        second_script=0.25,
        prefix=0.08,
        swap_case=0.1,
    ),
    habits=HabitsConfig(
        spacing=0.25,
        placing=0.25,
        order=0.12,
        redrawn=0.25,
        reversed=0.02,
        lifted=0.01,
        joined=0.05,
        device=0.25,
        traced=0.12,
    ),
    augment=AugmentConfig(symbol_scale=0.08, symbol_shear=0.08, symbol_rotation=0.04, wobble=0.06, token_noise=0.1),
    loss=LossConfig(label_smoothing=0.1),
    optimizer=OptimizerConfig(learning_rate=1e-3),
    train=TrainConfig(steps=20_000, validate_every=5_000),
)
