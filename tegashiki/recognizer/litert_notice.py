"""Keep LiteRT's notice `INFO: Created TensorFlow Lite XNNPACK delegate for CPU.` off stderr.

LiteRT writes the notice from C++, once per process, when it allocates the first graph. Neither its Python package nor
an environment variable can turn it off (ai-edge-litert 2.3: the logger of TFLite is not exported, and
TF_CPP_MIN_LOG_LEVEL does not affect it). So we first allocate a graph of one operation with stderr redirected for a few
milliseconds. Anything else that was written to stderr meanwhile is written out afterwards. Models are opened later,
with the normal stderr, so no message about them is lost.
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
    """Make LiteRT write its notice to a redirected stderr. Only the first call does something."""
    global _taken
    with _lock:
        if _taken:
            return
        _taken = True
        with _put_aside(), contextlib.suppress(ValueError, RuntimeError):
            Interpreter(model_content=_ONE_OPERATION, num_threads=1).allocate_tensors()


@contextlib.contextmanager
def _put_aside() -> Iterator[None]:
    """Collect what any thread writes to stderr, and write it out afterwards without the notice."""
    with contextlib.ExitStack() as ends:
        try:
            kept = ends.enter_context(tempfile.TemporaryFile())
            saved = os.dup(STANDARD_ERROR)
        except OSError:  # the disk is full, or stderr is closed
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
