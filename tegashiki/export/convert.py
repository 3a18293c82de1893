"""Signatures to one .tflite: JAX -> StableHLO -> SavedModel -> TFLite.

The one module that imports TensorFlow.
"""

import os
import tempfile
import warnings
from collections.abc import Sequence

import jax
from tqdm import tqdm

from tegashiki.errors import UserError
from tegashiki.export.signatures import Params, Signature


class ConversionError(UserError):
    """A model that TFLite's builtin operators cannot express."""


def to_tflite(signatures: Sequence[Signature], params: Params) -> bytes:
    """Convert functions that share their parameters into one file with a signature each, builtin operators only.

    Args:
      signatures: distinct names.
      params: the parameters, stored once.

    Raises:
      ConversionError: names the operators that TFLite lacks.
    """
    tf, jax2tf = _import_tensorflow()
    module = tf.Module()
    module.params = jax.tree.map(lambda leaf: tf.Variable(leaf, trainable=False), params)

    def trace(signature: Signature):
        convert = jax2tf.convert(signature.function, with_gradient=False)
        call = tf.function(lambda **inputs: convert(module.params, inputs), autograph=False)
        return call.get_concrete_function(
            **{name: tf.TensorSpec(leaf.shape, leaf.dtype, name) for name, leaf in signature.inputs.items()}
        )

    traced = {signature.name: trace(signature) for signature in tqdm(signatures, desc="tracing", disable=None)}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own, on its way through numpy and protobuf
        tf.saved_model.save(module, folder, signatures=traced)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=list(traced))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        converter.exclude_conversion_metadata = True  # of TensorFlow, and takes it a fifth of the time
        try:
            return converter.convert()
        except Exception as error:  # the converter has no exception of its own
            reasons = [line for line in str(error).splitlines() if "error:" in line and len(line) < 400]
            raise ConversionError(
                "TFLite cannot express this model: " + ("; ".join(reasons[-3:]) or type(error).__name__)
            ) from error


def _import_tensorflow():
    """Import TensorFlow quietly; `UserError` where the extra is not installed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import tensorflow as tf
            from jax.experimental import jax2tf
    except ModuleNotFoundError as error:
        raise UserError(
            f"exporting needs the export extra (no module {error.name}): pip install 'tegashiki[train,export]'"
        ) from error
    tf.get_logger().setLevel("ERROR")
    return tf, jax2tf
