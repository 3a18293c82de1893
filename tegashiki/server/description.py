"""The description of the HTTP API, which FastAPI serves as /openapi.json."""

from typing import Any

from pydantic import BaseModel, Field

from tegashiki.ink.trace import MAX_NUMBERS
from tegashiki.pictures.kinds import MAX_BYTES

MAX_BODY = 2 * 2**20  # bytes of one ink
BODY_SECONDS = 30.0  # maximum time for a request body to arrive


class CandidateAnswer(BaseModel):
    """One reading of the ink."""

    latex: str = Field(description="LaTeX as one would type it", examples=[r"x^2"])
    probability: float = Field(description="calibrated probability that the reading is right", examples=[0.93])
    tokens: list[str] = Field(description="canonical tokens", examples=[["x", "^", "{", "2", "}"]])
    strokes: list[list[int]] = Field(
        description="for each token the indices of its strokes, from 0", examples=[[[0], [], [], [1], []]]
    )
    complete: bool = Field(description="false if the reading ends at the model's maximum length")
    doubtful: list[int] = Field(description="indices of the tokens in doubt", examples=[[3]])


class LineAnswer(BaseModel):
    """A line of writing in a picture."""

    candidates: list[CandidateAnswer] = Field(description="distinct readings, the likeliest first")
    ink: list[list[list[float]]] = Field(description="the strokes found: points [x, y] in pixels of the picture")


class Answer(BaseModel):
    """The readings of an ink."""

    candidates: list[CandidateAnswer] = Field(description="distinct readings, the likeliest first; the first line's")
    lines: list[LineAnswer] | None = Field(None, description="the lines of writing from the top; only for a picture")


class Refusal(BaseModel):
    """An error."""

    error: str = Field(description="a message for people", examples=["not well-formed XML"])


JSON_INK = {
    "type": "object",
    "required": ["strokes"],
    "properties": {
        "strokes": {
            "description": "in the order of writing, each a list of points [x, y]; y downwards, any unit",
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "array", "minItems": 2, "maxItems": MAX_NUMBERS, "items": {"type": "number"}},
            },
        }
    },
}
PLUS = '<ink xmlns="http://www.w3.org/2003/InkML"><trace>0 5, 10 5</trace><trace>5 0, 5 10</trace></ink>'
BODY: dict[str, Any] = {
    "description": f"One ink of at most {MAX_BODY} bytes, or a picture (PNG, JPEG, WebP, BMP, TIFF, GIF), with a "
    f"Content-Type image/... of at most {MAX_BYTES} bytes. The first bytes show the format, not the Content-Type.",
    "required": True,
    "content": {
        "application/json": {
            "schema": JSON_INK,
            "example": {"strokes": [[[0, 5], [10, 5]], [[5, 0], [5, 10]]]},
        },
        "application/inkml+xml": {"schema": {"type": "string"}, "example": PLUS},
        "image/*": {"schema": {"type": "string", "format": "binary"}},
    },
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "Ink that cannot be read, too many strokes, or n out of range"},
    408: {"model": Refusal, "description": f"The ink took longer than {BODY_SECONDS:.0f} s to arrive"},
    413: {"model": Refusal, "description": f"More than {MAX_BODY} bytes, or {MAX_BYTES} for a picture"},
    415: {"model": Refusal, "description": "A form, or an ink with a Content-Encoding"},
    422: {"model": Refusal, "description": "The model has no finite results for the ink"},
    503: {"model": Refusal, "description": "Too much to do; Retry-After says after how many seconds to try again"},
    "default": {"model": Refusal, "description": "Any other error"},
}


class Health(BaseModel):
    """The state of the server."""

    status: str = Field(description="ok, or failing if no worker lives", examples=["ok"])
    version: str = Field(description="version of the package")
    workers: int = Field(description="workers that read ink")
    busy: int = Field(description="workers that read an ink now")
    waiting: int = Field(description="inks that wait for a worker now")
