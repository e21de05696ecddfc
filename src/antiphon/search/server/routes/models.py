"""Texts as vectors, in the shapes that clients of OpenAI's interface send and read."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from antiphon.search.server.routes.asking import TheLibrary
from antiphon.search.server.served import UnknownModelError

router = APIRouter(prefix="/v1", tags=["embeddings"])
MOST_TEXTS = 256
Text = Annotated[str, StringConstraints(min_length=1, max_length=8000)]


class EmbeddingsRequest(BaseModel):
    """Texts to embed. Fields of the interface that mean nothing here, such as ``user``, may be sent."""

    model_config = ConfigDict(extra="allow")

    model: Text = Field(description="One of /v1/models.")
    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)] = Field(
        description="A text, or several."
    )
    encoding_format: Literal["float", "base64"] = Field("float", description="base64: float32, little-endian.")
    dimensions: int | None = Field(None, description="Only the model's own number is possible.")


class EmbeddingShape(BaseModel):
    """One vector, of unit length."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class UsageShape(BaseModel):
    """How much was read: words, since what counts as a token differs between encoders."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingsShape(BaseModel):
    """The vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    model: str
    data: list[EmbeddingShape]
    usage: UsageShape


class ModelShape(BaseModel):
    """Something that embeds texts."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "antiphon"


class ModelsShape(BaseModel):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[ModelShape]


@router.get("/models")
def models(served: TheLibrary) -> ModelsShape:
    """What embeds texts: the training that answers, into its shared space, and the text encoder that it reads with."""
    return ModelsShape(data=[ModelShape(id=name) for name in served.models()])


@router.get("/models/{model:path}", response_model=ModelShape)
def model(model: str, served: TheLibrary) -> ModelShape | JSONResponse:
    """One of them."""
    return ModelShape(id=model) if model in served.models() else _unknown(served, model)


@router.post("/embeddings", response_model=EmbeddingsShape)
def embeddings(asked: EmbeddingsRequest, served: TheLibrary) -> EmbeddingsShape | JSONResponse:
    """Texts as vectors of unit length."""
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    blank = next((place for place, text in enumerate(texts) if not text.strip()), None)
    if blank is not None:
        return _refused(400, f"Text number {blank} is blank.", "input", None)
    try:
        vectors = served.embed(asked.model, texts)
    except UnknownModelError:
        return _unknown(served, asked.model)
    if asked.dimensions not in (None, vectors.shape[1]):
        return _refused(400, f"'{asked.model}' has {vectors.shape[1]} dimensions.", "dimensions", None)
    words = sum(len(text.split()) for text in texts)
    return EmbeddingsShape(
        model=asked.model,
        data=[
            EmbeddingShape(index=place, embedding=_written(vector, asked.encoding_format))
            for place, vector in enumerate(vectors)
        ],
        usage=UsageShape(prompt_tokens=words, total_tokens=words),
    )


def _written(vector: NDArray[np.float32], form: str) -> list[float] | str:
    if form == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    found: list[float] = vector.tolist()
    return found


def _unknown(served: TheLibrary, name: str) -> JSONResponse:
    known = ", ".join(served.models()) or "none: nothing was trained yet"
    return _refused(404, f"The model '{name}' does not exist here. There are: {known}.", "model", "model_not_found")


def _refused(status: int, message: str, param: str, code: str | None) -> JSONResponse:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return JSONResponse({"error": error}, status_code=status)
