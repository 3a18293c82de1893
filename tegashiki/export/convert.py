"""Conversion of signatures to one .tflite: JAX -> StableHLO -> SavedModel -> TFLite.

This is the only module that imports TensorFlow.
"""

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jax
from tqdm import tqdm

from tegashiki.errors import UserError
from tegashiki.export.signatures import Params, Signature


class ConversionError(UserError):
    """The model needs operators that are not builtin in TFLite."""


def to_tflite(signatures: Sequence[Signature], params: Params) -> bytes:
    """Convert functions that share their parameters into one file, which uses builtin operators only.

    Args:
        signatures: The functions; each becomes a signature of the file. Their names are distinct.
        params: The parameters, which the file stores once.

    Returns:
        The bytes of the .tflite.

    Raises:
        ConversionError: TFLite lacks an operator; the message names it.
        UserError: The export extra is not installed.
    """
    with _quiet():
        tf, jax2tf = _import_tensorflow()
    module = tf.Module()
    module.params = jax.tree.map(lambda leaf: tf.Variable(leaf, trainable=False), params)

    def trace(signature: Signature) -> Any:
        convert = jax2tf.convert(signature.function, with_gradient=False)
        call = tf.function(lambda **inputs: convert(module.params, inputs), autograph=False)
        return call.get_concrete_function(
            **{name: tf.TensorSpec(leaf.shape, leaf.dtype, name) for name, leaf in signature.inputs.items()}
        )

    traced = {signature.name: trace(signature) for signature in tqdm(signatures, desc="tracing", disable=None)}
    with tempfile.TemporaryDirectory() as folder, _quiet():
        tf.saved_model.save(module, folder, signatures=traced)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(traced))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        converter.exclude_conversion_metadata = True  # nothing reads it, and it takes a fifth of the conversion time
        try:
            return converter.convert()
        except Exception as error:  # the converter raises no specific exception
            reasons = [line for line in str(error).splitlines() if "error:" in line and len(line) < 400]
            raise ConversionError(
                "TFLite cannot express this model: " + ("; ".join(reasons[-3:]) or type(error).__name__)
            ) from error


def _import_tensorflow() -> tuple[Any, Any]:
    """Import TensorFlow and jax2tf without their log output.

    Raises:
        UserError: The export extra is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow as tf
        from jax.experimental import jax2tf
    except ModuleNotFoundError as error:
        raise UserError(
            f"exporting needs the export extra (no module {error.name}): pip install 'tegashiki[train,export]'"
        ) from error
    tf.get_logger().setLevel("ERROR")
    return tf, jax2tf


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress TensorFlow's messages: Python warnings, and what its C++ code writes directly to stderr."""
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as null, warnings.catch_warnings():
            os.dup2(null.fileno(), 2)
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
