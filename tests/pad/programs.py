"""Programs that stand for those of a desktop."""

from pathlib import Path

import pytest


class Programs:
    """Scripts in a folder that is the only one in PATH beside the system's."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.folder = folder
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name, raising=False)

    def add(self, name: str, script: str) -> Path:
        """Add a program. `$LOG` in its script is a file with its name and the ending .log."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script.replace('$LOG', str(self.log(name)))}\n")
        path.chmod(0o755)
        return path

    def log(self, name: str) -> Path:
        """Return the log of a program."""
        return self.folder / f"{name}.log"

    def lines(self, name: str) -> list[str]:
        """Return what a program has written into its log."""
        return self.log(name).read_text().splitlines()
