import pytest

from tests.programs import needs_programs


@pytest.mark.parametrize(
    ("programs", "ci", "skipped"),
    [
        (["no-such-program"], None, True),
        (["no-such-program"], "", True),
        (["sh", "no-such-program"], None, True),
        (["no-such-program"], "true", False),
        (["sh"], None, False),
    ],
)
def test_a_missing_program_skips_tests_except_in_ci(programs, ci, skipped, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    if ci is not None:
        monkeypatch.setenv("CI", ci)
    assert needs_programs(*programs).args == (skipped,)
