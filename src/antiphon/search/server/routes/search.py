"""Questions: /v1/search."""

from __future__ import annotations

from fastapi import APIRouter

from antiphon.search.server.routes.answers import answer_shape
from antiphon.search.server.routes.asking import Caller, TheLibrary
from antiphon.search.server.routes.shapes import AnswerShape, SearchRequest

router = APIRouter(prefix="/v1", tags=["search"])


@router.post("/search")
def search(asked: SearchRequest, served: TheLibrary, role: Caller) -> AnswerShape:
    """The tracks that answer a description best."""
    answer = served.search(**asked.model_dump())
    return answer_shape(answer, role, asked.query)
