"""Gestures that are made up over embedded ink are recognised, and the ink itself is none."""

from benchmarks.accuracy.drawn_gestures import OVER, gestures
from benchmarks.accuracy.gestures import RULES, false_alarms, recognised
from tegashiki.synthesis.embedded import Drawn

EXAMPLES = Drawn("test", range(24))


def test_made_up_gestures_are_recognised():
    shares = recognised(EXAMPLES)
    assert {over for _, over in shares} == set(OVER)
    assert all(float(found) >= 75 for _, found, *_ in shares.values()), shares
    drawn = [gesture for seed, example in enumerate(EXAMPLES) for gesture in gestures(example, seed)]
    assert all(gesture.targets <= set(range(34)) and len(gesture.points) > 20 for gesture in drawn)


def test_ink_raises_no_alarm_except_by_the_rules_that_were_not_built():
    strokes, *alarms = map(int, false_alarms(EXAMPLES))
    assert strokes == sum(len(example.ink.strokes) for example in EXAMPLES)
    assert alarms[0] == 0 and alarms[1] > 0 and len(alarms) == len(RULES)
