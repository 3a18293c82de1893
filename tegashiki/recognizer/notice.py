"""LiteRT's notice `INFO: Created TensorFlow Lite XNNPACK delegate for CPU.`, kept off standard error.

LiteRT writes it in C++, once in a process, when the first graph gets its memory. Neither its Python package nor an
environment variable has a setting for it (ai-edge-litert 2.3: the logger of TFLite is not exported, and
TF_CPP_MIN_LOG_LEVEL does not reach it). So a graph of one operation is run up first, with standard error put aside for
those milliseconds; what else was written there meanwhile is written out afterwards. Models are opened behind that, with
standard error as it is: nothing that is said of them is lost.
"""

import base64
import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator

from ai_edge_litert.interpreter import Interpreter

NOTICE = b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
STANDARD_ERROR = 2
# A .tflite of one graph: ABS of one float32.
_ONE_OPERATION = base64.b85decode(
    "7ytkOR7OlQ000gE6aWwa3;+lK000C44gdfE5C8xG8~^|Sv;Y7A0{{R30RR912mk;81ONm81ONa40RR915C8xG3;+}W5C9AS2mk~C"
    "3;+NC5C8xGJOBUyKmY&$L;wH)0RR915C8xG000UA3;+NC2mk~C3IG5A2mk;83;+NC0RR910RR910RR91000000RR910RR910RR91"
    "000000ssI2AOHXW1ONa4?*IS)1ONa40RR910RR91000I62mk~C1^@s61ONa40RR910RR910RR915C8xG3;+xO3jhEB000C43;+NC"
    "WdHyG0001G"
)
_lock = threading.Lock()
_taken = False


def take_notice_away() -> None:
    """Let LiteRT give its notice where nobody reads it; from the second call on nothing is done."""
    global _taken
    with _lock:
        if _taken:
            return
        _taken = True
        with _put_aside(), contextlib.suppress(ValueError, RuntimeError):
            Interpreter(model_content=_ONE_OPERATION, num_threads=1).allocate_tensors()


@contextlib.contextmanager
def _put_aside() -> Iterator[None]:
    """Keep what is written to standard error, by any thread, and write it out afterwards without the notice."""
    with contextlib.ExitStack() as ends:
        try:
            kept = ends.enter_context(tempfile.TemporaryFile())
            saved = os.dup(STANDARD_ERROR)
        except OSError:  # there is no room for a file, or standard error is closed
            yield
            return
        ends.callback(os.close, saved)
        os.dup2(kept.fileno(), STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(saved, STANDARD_ERROR)
            kept.seek(0)
            left = kept.read().replace(NOTICE, b"").replace(NOTICE.replace(b"\n", b"\r\n"), b"")
            while left:
                left = left[os.write(STANDARD_ERROR, left) :]
