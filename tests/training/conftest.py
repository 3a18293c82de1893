from tests.models.conftest import quick_compilation  # noqa: F401
