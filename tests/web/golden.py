"""What the TypeScript recogniser is held to: `python -m tests.web.golden` writes web/test/golden.json.

What a real model reads is compared in a browser instead, as it changes with the model.
"""

from pathlib import Path

from tegashiki.export.vectors import as_text, vectors
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "web" / "test" / "golden.json"

if __name__ == "__main__":
    GOLDEN.write_text(as_text(vectors(DEFAULT_VOCABULARY)), "utf-8")
