"""Rewriting of a .tflite from the converter: smaller, and with tegashiki's metadata inside."""

import json
from typing import Any

import numpy as np

from tegashiki.recognizer.metadata import IDENTIFIER, NAME

ALIGNMENT = 16  # bytes; alignment of a buffer in a .tflite (schema.fbs: force_align)


def finish(content: bytes, metadata: dict[str, Any]) -> bytes:
    """Rewrite a .tflite with metadata and short tensor names, and store once what its signatures share.

    The converter repeats the constants and the scales of the weights in every signature and gives tensors long names.
    Together they are half of a small quantised file.

    Args:
        content: The .tflite from the converter or from the quantiser.
        metadata: JSON values by name.

    Returns:
        The bytes of the finished .tflite.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    tensors = [tensor for graph in model.subgraphs for tensor in graph.tensors]
    scales: dict[tuple[str | bytes, ...], _Once] = {}
    for index, tensor in enumerate(tensors):
        tensor.name = f"t{index}"
        if tensor.quantization is not None:
            values = vars(tensor.quantization).values()
            key = tuple(value.tobytes() if isinstance(value, np.ndarray) else repr(value) for value in values)
            tensor.quantization = scales.setdefault(key, _Once(tensor.quantization))
    ours = schema.MetadataT()
    ours.name = NAME
    model.metadata = [*(model.metadata or []), ours]
    constants: dict[bytes, int] = {b"": 0}  # buffer 0 is the empty one by convention
    for user in [*tensors, *model.metadata[:-1]]:
        user.buffer = constants.setdefault(_data(content, model.buffers[user.buffer]), len(constants))
    text = json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()
    ours.buffer = constants.setdefault(text, len(constants))
    model.metadataBuffer = None  # the deprecated form of `metadata`
    model.buffers = [_AlignedBuffer(data) for data in constants]
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


class _Once:
    """A FlatBuffer table that is written once, however many other tables point to it."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._place: int | None = None

    def Pack(self, builder: Any) -> int:  # noqa: N802 (called by the classes of the schema)
        if self._place is None:
            self._place = self._table.Pack(builder)
        return self._place


class _AlignedBuffer:
    """A buffer with aligned data. The schema's own class `BufferT` does not align it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def Pack(self, builder: Any) -> int:  # noqa: N802
        from ai_edge_litert import schema_py_generated as schema

        vector = None
        if self._data:
            builder.StartVector(1, len(self._data), ALIGNMENT)
            builder.head -= len(self._data)
            builder.Bytes[builder.head : builder.head + len(self._data)] = self._data
            builder.vectorNumElems = len(self._data)
            vector = builder.EndVector()
        schema.BufferStart(builder)
        if vector is not None:
            schema.BufferAddData(builder, vector)
        return schema.BufferEnd(builder)


def _data(content: bytes, buffer: Any) -> bytes:
    """Return the data of a buffer. It is inside the FlatBuffer or, in the quantiser's output, behind it."""
    if buffer.offset:
        return bytes(content[buffer.offset : buffer.offset + buffer.size])
    return b"" if buffer.data is None else bytes(buffer.data)
