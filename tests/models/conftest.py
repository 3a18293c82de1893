import pytest


@pytest.fixture(scope="module", autouse=True)
def quick_compilation(request):
    """Compile with few optimisations: half the time, and these models are so small that nothing else counts."""
    if request.node.get_closest_marker("slow"):
        yield
        return
    import jax

    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)
