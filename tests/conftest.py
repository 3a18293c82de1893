"""Settings for all tests.

JAX is configured by environment variables, so that tests without JAX need not import it and subprocesses inherit the
settings. pyproject.toml turns warnings into errors.
"""

import os
from pathlib import Path

from hypothesis import settings

CACHE = Path(__file__).parent.parent / ".jax_cache"

os.environ |= {
    "JAX_PLATFORMS": "cpu",
    "JAX_NUM_CPU_DEVICES": "8",
    "JAX_NUMPY_RANK_PROMOTION": "raise",
    # Compilation takes most of the time of a test run, so cache even small functions.
    "JAX_COMPILATION_CACHE_DIR": str(CACHE),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2",
}

# The cores may be busy, so no test has a deadline.
settings.register_profile("tegashiki", deadline=None)
settings.load_profile("tegashiki")
