"""What every test stands on. JAX is set up through the environment: tests without it need not import it, and the
processes that tests start inherit the same settings. Warnings are errors by pyproject.toml."""

import os
from pathlib import Path

from hypothesis import settings

CACHE = Path(__file__).parent.parent / ".jax_cache"

os.environ |= {
    "JAX_PLATFORMS": "cpu",
    "JAX_NUM_CPU_DEVICES": "8",
    "JAX_NUMPY_RANK_PROMOTION": "raise",
    # Most of a run's time is compilation: keep what has been compiled, however small.
    "JAX_COMPILATION_CACHE_DIR": str(CACHE),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2",
}

# Nothing here asserts a time, and the cores may be busy.
settings.register_profile("tegashiki", deadline=None)
settings.load_profile("tegashiki")
