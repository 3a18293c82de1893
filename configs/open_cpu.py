"""All available ink on a CPU: also isolated symbols, formulas from papers, and the tests of 2011 to 2013.

    tegashiki prepare crohme --source DIR
    tegashiki prepare symbols --source DIR
    cp im2latex-val-test.norm.txt.xz DATA_DIR/formulas/
    python train.py configs/open_cpu.py --workdir runs/open_cpu --init runs/transformer_cpu_long

Data: crohme without validation, test_2014 and test_2016; symbols; formulas. Hardware: 1 core (--devices 1). Time: 35
minutes, after the earlier runs of the chain. Result (int8, greedy): 71.60 % on test_2014, 70.88 % on test_2016.
"""

from tegashiki.models.seq2seq import ModelConfig
from tegashiki.synthesis.habits import HabitsConfig
from tegashiki.synthesis.recombine import RecombineConfig
from tegashiki.training.augment import AugmentConfig
from tegashiki.training.config import Config, DataConfig, TrainConfig
from tegashiki.training.losses import LossConfig
from tegashiki.training.optimizer import OptimizerConfig

config = Config(
    name="open_cpu",
    model=ModelConfig(kind="transformer", width=128, heads=4, encoder_layers=4, decoder_layers=3, dropout=0.05),
    data=DataConfig(
        dataset="crohme",
        train=("train", "train_2019_extra", "test_2011", "test_2012", "test_2013"),
        symbols=("unipen[:50%]", "detexify"),
        formulas="formulas/im2latex-val-test.norm.txt.xz",
    ),
    recombine=RecombineConfig(
        typeset=0.3, grammar_formulas=0.35, paper_formulas=0.25, external_symbols=0.25, prefix=0.08, swap_case=0.08
    ),
    habits=HabitsConfig(spacing=0.25, placing=0.25, order=0.12, reversed=0.02, lifted=0.01, joined=0.05, device=0.25),
    augment=AugmentConfig(token_noise=0.05),
    loss=LossConfig(label_smoothing=0.1),
    optimizer=OptimizerConfig(learning_rate=7e-4),
    train=TrainConfig(steps=7_500, validate_every=2_500),
)
