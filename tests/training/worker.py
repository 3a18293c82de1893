"""One of the processes of test_processes.py and tests/distributed.

    python -m tests.training.worker RANK PROCESSES [HOST:]PORT FOLDER [STEPS [SAVE]]

It writes the gradients of the first batch and trains the tiny run. With STEPS it only trains, for STEPS steps, and
saves a checkpoint every SAVE steps. HOST is that of rank 0.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import jax
import numpy as np


def main(rank: int, processes: int, place: str, folder: Path, steps: int, save: int) -> None:
    if processes > 1:
        jax.distributed.initialize(place if ":" in place else f"localhost:{place}", processes, rank)
    import pytest

    from tegashiki.training.loop import train
    from tests.models.tiny import VOCABULARY
    from tests.training.tiny_run import CONFIG, shrink

    config = CONFIG
    if steps:
        config = replace(
            CONFIG, train=replace(CONFIG.train, steps=steps, validate_every=steps, checkpoint_every=save or steps)
        )
    else:
        _write_gradients(rank, processes, folder)
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        print(train(config, folder / "run", VOCABULARY))


def _write_gradients(rank: int, processes: int, folder: Path) -> None:
    from tegashiki.input_pipeline.batching import BatchSource
    from tegashiki.latex.vocabulary import EOS_ID
    from tegashiki.training.step import DEVICES, StepConfig, gradients_and_metrics, split_over_devices
    from tests.models.tiny import VOCABULARY, tiny_model, tiny_params
    from tests.training.tiny_run import CONFIG, feed, initial_state

    plain = tiny_model("transformer", decoder_layers=1)
    mapped = jax.pmap(
        partial(gradients_and_metrics, plain, config=StepConfig(CONFIG.loss, None, EOS_ID, 0.99)),
        axis_name=DEVICES,
        in_axes=(None, 0),
        out_axes=None,
    )
    state = initial_state(CONFIG, VOCABULARY).replace(params=tiny_params("transformer", decoder_layers=1))
    source = feed().source(CONFIG, (rank, processes))
    assert isinstance(source, BatchSource)
    found = mapped(jax.tree.map(np.asarray, state), split_over_devices(source[0], jax.local_device_count()))
    leaves = jax.tree.leaves(jax.device_get(jax.block_until_ready(found)))
    np.savez(folder / f"gradients{rank}.npz", *leaves)


if __name__ == "__main__":
    steps_and_save = [*map(int, sys.argv[5:]), 0, 0][:2]
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]), *steps_and_save)
