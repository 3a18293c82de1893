"""Run hypothesis without deadlines, because the cores may be busy and no test here asserts a time."""

from hypothesis import HealthCheck, settings

settings.register_profile("latex", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("latex")
