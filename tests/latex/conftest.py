"""Hypothesis without deadlines: nothing here asserts a time, and the cores may be busy with a training run."""

from hypothesis import HealthCheck, settings

settings.register_profile("latex", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("latex")
