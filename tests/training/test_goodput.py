"""Goodput counts every second once."""

import json

import pytest

from tegashiki.training import goodput
from tegashiki.training.goodput import CAUSES, Goodput, seconds_since


@pytest.fixture
def clock(monkeypatch):
    """A clock that only moves when it is told to."""

    class Clock:
        now = 100.0

    monkeypatch.setattr(goodput.time, "perf_counter", lambda: Clock.now)
    monkeypatch.setattr(goodput.time, "time", lambda: Clock.now)
    return Clock


def test_the_parts_add_up_to_the_wall_clock(clock):
    run = Goodput()
    run.lose(7)
    clock.now += 3
    run.started()
    for cause, seconds in (("compiling", 5), ("waiting", 1), ("validating", 2), ("saving", 4)):
        with run.of(cause):
            clock.now += seconds
    clock.now += 78  # steps
    values = run.values()
    assert {cause: values[cause] for cause in CAUSES} == {
        "compiling": 5,
        "waiting": 1,
        "validating": 2,
        "saving": 4,
        "restarting": 10,
    }
    assert (values["seconds"], values["steps"], values["percent"]) == (100, 78, 78)
    assert run.line() == (
        "goodput 78.0 %: 78.0 s of 100.0 s; compiling 5.0 s, waiting for ink 1.0 s, validating 2.0 s, saving 4.0 s, "
        "restarting 10.0 s"
    )


def test_a_resumed_run_counts_from_its_checkpoint(clock, tmp_path):
    log = tmp_path / "metrics.jsonl"
    assert seconds_since(log, 2) == 0
    entries = [{"step": step, "kind": "train", "time": 10.0 * step} for step in (1, 2, 3)]
    log.write_text("\n".join([*map(json.dumps, entries), '{"step": 4, "ki']))
    assert seconds_since(log, 2) == 80
    assert seconds_since(log, 0) == 0, "a new run has lost nothing"
