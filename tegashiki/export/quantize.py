"""Quantisation of weights by litert-quantizer: int8, with activations quantised at run time, or float16."""

import contextlib
import io

from tegashiki.errors import UserError

KINDS = ("none", "float16", "int8")


def quantize(content: bytes, kind: str) -> bytes:
    """Quantise the weights of a float32 .tflite.

    int8 is dynamic-range quantisation with one scale per channel. It is the smallest kind that preserves the readings
    (int4 and full int8 do not) and the fastest on a CPU.

    Args:
        content: The bytes of the file.
        kind: One of KINDS; "none" returns the content unchanged.

    Returns:
        The bytes of the quantised file.

    Raises:
        UserError: The export extra is not installed.
    """
    if kind == "none":
        return content
    try:
        from litert_quantizer import quantizer, recipe_manager
        from litert_quantizer.algorithm_manager import AlgorithmName
        from litert_quantizer.qtyping import TFLOperationName
    except ModuleNotFoundError as error:
        raise UserError(
            f"--quantize {kind} needs the export extra (no module {error.name}): pip install 'tegashiki[export]'"
        ) from error
    recipe = recipe_manager.RecipeManager()
    everything = {"regex": ".*", "operation_name": TFLOperationName.ALL_SUPPORTED}
    if kind == "int8":
        recipe.add_dynamic_config(num_bits=8, **everything)
    else:
        recipe.add_weight_only_config(num_bits=16, algorithm_key=AlgorithmName.FLOAT_CASTING, **everything)
    tool = quantizer.Quantizer(bytearray(content), recipe.get_quantization_recipe())
    with contextlib.redirect_stderr(io.StringIO()):  # a progress bar that no option turns off
        return bytes(tool.quantize(enable_progress_bar=False, enable_progress_report=False).quantized_model)
