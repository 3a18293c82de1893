"""A pad to write on in Jupyter notebooks: `from tegashiki.notebook import Pad; Pad()`. Needs the extra `notebook`."""

from typing import TYPE_CHECKING

__all__ = ["Pad"]

if TYPE_CHECKING:
    from tegashiki.notebook.pad import Pad


def __getattr__(name: str) -> object:
    """Import the widget on first use, since only it needs the extra."""
    if name == "Pad":
        from tegashiki.notebook.pad import Pad

        return Pad
    raise AttributeError(f"module 'tegashiki.notebook' has no attribute {name!r}")
