"""A library with a training, served without torch: vectors, paths, words for tracks, and what is turned away from."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import openai
import pytest
from starlette.testclient import TestClient

from antiphon.search.light.preparing import prepare
from antiphon.search.searcher import Searcher
from antiphon.search.server.served import Served
from tests.helpers.trained.light import make_trained_library
from tests.helpers.web.server import asking


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_trained_library(tmp_path_factory.mktemp("trained"))
    assert prepare(Searcher(root)) is not None
    return root


@pytest.fixture(scope="module")
def client(library: Path) -> Iterator[TestClient]:
    with asking(library) as found:
        yield found


def test_it_answers_without_torch(library: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom antiphon.search.server.served import Served\n"
        f"served = Served(Path({str(library)!r}))\n"
        "first = served.search('slow sad piano', k=2).hits[0].track_id\n"
        "served.similar([first], words='drums'), served.words_for(first), served.map(), served.status()\n"
        "served.path('t000', 't001', k=5), served.embed('made_serving', ['slow'])\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_vectors_come_as_numbers_and_as_base64_and_are_the_checkpoints_own(client: TestClient, library: Path) -> None:
    names = [model["id"] for model in client.get("/v1/models").json()["data"]]
    body = {"model": names[0], "input": ["slow sad piano", "drums"], "user": "somebody"}
    numbers = client.post("/v1/embeddings", json=body).json()
    packed = client.post("/v1/embeddings", json={**body, "encoding_format": "base64"}).json()
    assert (numbers["object"], numbers["usage"]["prompt_tokens"]) == ("list", 4)
    wanted = Searcher(library).model.embed_text(body["input"])
    np.testing.assert_allclose([each["embedding"] for each in numbers["data"]], wanted, atol=1e-4)
    unpacked = [np.frombuffer(base64.b64decode(each["embedding"]), "<f4") for each in packed["data"]]
    np.testing.assert_allclose(unpacked, wanted, atol=1e-4)


def test_openais_own_client_reads_them(client: TestClient, library: Path) -> None:
    def passed_on(request: httpx.Request) -> httpx.Response:
        answer = client.request(
            request.method, request.url.path, content=request.content, headers=dict(request.headers)
        )
        return httpx.Response(answer.status_code, content=answer.content, headers={"content-type": "application/json"})

    http = httpx.Client(transport=httpx.MockTransport(passed_on))
    theirs = openai.OpenAI(base_url="http://127.0.0.1:8337/v1", api_key="any", http_client=http, max_retries=0)
    assert [model.id for model in theirs.models.list()] == ["made_serving", "tiny-words"]
    found = theirs.embeddings.create(model="made_serving", input=["slow sad piano", "drums"])
    wanted = Searcher(library).model.embed_text(["slow sad piano", "drums"])
    np.testing.assert_allclose([each.embedding for each in found.data], wanted, atol=1e-4)
    one = theirs.embeddings.create(model="made_serving", input="drums", encoding_format="float").data[0]
    np.testing.assert_allclose(one.embedding, wanted[1], atol=1e-4)
    with pytest.raises(openai.NotFoundError, match="does not exist here"):
        theirs.embeddings.create(model="gpt-9", input="slow")
    with pytest.raises(openai.NotFoundError, match="does not exist here"):
        theirs.models.retrieve("gpt-9")


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        ({"model": "gpt-9", "input": "slow"}, 404, "model", "model_not_found"),
        ({"model": "made_serving", "input": " "}, 400, "input", None),
        ({"model": "made_serving", "input": "slow", "dimensions": 3}, 400, "dimensions", None),
    ],
)
def test_what_cannot_be_embedded_is_an_error_of_openais_shape(
    client: TestClient, body: dict[str, object], status: int, param: str, code: str | None
) -> None:
    answer = client.post("/v1/embeddings", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (status, param, code)
    assert error["type"] == "invalid_request_error"


def test_a_path_begins_and_ends_where_it_was_told(client: TestClient) -> None:
    found = client.post("/v1/path", json={"from": "t000", "to": "t009", "k": 6}).json()["hits"]
    assert [found[0]["track_id"], found[-1]["track_id"], len(found)] == ["t000", "t009", 6]
    assert found[0]["score"] == max(hit["score"] for hit in found)
    assert client.post("/v1/path", json={"from": "t000", "to": "nowhere"}).status_code == 404


def test_words_for_a_track_say_which_are_its_own(client: TestClient) -> None:
    words = client.get("/v1/tracks/t001/words", params={"k": 100}).json()["words"]
    assert [each["score"] for each in words] == sorted((each["score"] for each in words), reverse=True)
    assert any(each["own"] for each in words)


def test_what_is_turned_away_from_comes_later(library: Path) -> None:
    served = Served(library)
    plain = [hit.track_id for hit in served.similar(["t000"], k=100).hits]
    turned = [hit.track_id for hit in served.similar(["t000"], k=100, without=[plain[0]]).hits]
    assert plain[0] not in turned
    assert set(turned) == {*plain} - {plain[0]}
    like_it = [hit.track_id for hit in served.similar([plain[0]], k=5).hits if hit.track_id in turned]
    assert np.mean([turned.index(each) - plain.index(each) for each in like_it]) > 0


def test_thumbs_become_judgements(client: TestClient, library: Path) -> None:
    said = {"query": "slow sad piano", "track_id": "t001", "verdict": "same"}
    assert client.post("/v1/judgements", json=said).status_code == 201
    line = json.loads((library / "judgements.jsonl").read_text().splitlines()[-1])
    assert {**line, **said} == line
    assert client.post("/v1/judgements", json={**said, "track_id": "nowhere"}).status_code == 404
    assert client.post("/v1/judgements", json={**said, "verdict": "good"}).status_code == 422


def test_the_page_of_the_interface_names_every_address_and_loads_nothing(client: TestClient) -> None:
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
