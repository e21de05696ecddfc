"""One collection of one Milvus, through pymilvus.

The tracks of a checkpoint lie in a collection of their own, ``NAME_`` and the first of the checkpoint's hash; ``NAME``
is an alias of it. Pointing the alias elsewhere is the one moment at which another checkpoint's tracks count.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import re
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from antiphon.errors import EmbeddingError
from antiphon.search.milvus.address import TOKEN, Address

HASH_LETTERS = 12
BATCH = 500
TEXT = 65_535
"""Bytes of a text in Milvus, at most."""
LARGEST = 32_768
"""Numbers of a vector, at most."""
TALKATIVE = ("pymilvus", "grpc._server")
"""Loggers that print every error that is raised here as well, and what Milvus Lite lacks and does without."""


class Collection:
    """A collection for reading and writing.

    Parameters
    ----------
    address : where.

    Raises
    ------
    EmbeddingError : pymilvus is not installed, or nobody answers there.
    """

    def __init__(self, address: Address) -> None:
        if importlib.util.find_spec("pymilvus") is None:
            raise EmbeddingError("pymilvus is not installed.", fix="pip install 'antiphon[milvus]'")
        self.address = address
        self._milvus: Any = importlib.import_module("pymilvus")
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        with self._asked():
            self._client = self._milvus.MilvusClient(address.uri, token=os.environ.get(TOKEN, ""))
        self._end = weakref.finalize(self, self._client.close)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """What goes wrong between here and there as one kind of error."""
        try:
            yield
        except self._milvus.MilvusException as error:
            raise EmbeddingError(
                f"Milvus at {self.address.shown} says: {error.message}", fix="Check the address, and that it runs."
            ) from error

    def close(self) -> None:
        """End the connection; done by itself, at the latest when the process ends."""
        self._end()

    def name_for(self, checkpoint_sha256: str) -> str:
        """The collection of one checkpoint."""
        return f"{self.address.collection}_{checkpoint_sha256[:HASH_LETTERS]}"

    def in_use(self) -> str | None:
        """The collection that the alias stands for; None where there is none."""
        with self._asked():
            for name in self._client.list_collections():
                if self._is_ours(name) and self.address.collection in self._client.list_aliases(name)["aliases"]:
                    return str(name)
        return None

    def _is_ours(self, name: str) -> bool:
        return re.fullmatch(rf"{self.address.collection}_[0-9a-f]{{{HASH_LETTERS}}}", name) is not None

    def make(self, name: str, size: int) -> None:
        """Make a collection for vectors of ``size`` numbers, unless it is there."""
        kinds = self._milvus.DataType
        with self._asked():
            if self._client.has_collection(name):
                self._client.load_collection(name)
                return
            schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("track_id", kinds.VARCHAR, is_primary=True, max_length=TEXT)
            for text in ("title", "artist", "path"):
                schema.add_field(text, kinds.VARCHAR, max_length=TEXT)
            schema.add_field("vector", kinds.FLOAT_VECTOR, dim=size)
            schema.add_field("hash", kinds.INT64)
            schema.add_field("meta", kinds.JSON)
            index = self._client.prepare_index_params()
            index.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
            self._client.create_collection(name, schema=schema, index_params=index, consistency_level="Strong")

    def load(self, name: str) -> None:
        """Have a collection in the server's memory, where it can be asked: after a restart it may not be."""
        with self._asked():
            self._client.load_collection(name)

    def hashes(self, name: str) -> dict[str, int]:
        """Track id → hash of its row."""
        found: dict[str, int] = {}
        with self._asked():
            rows = self._client.query_iterator(name, batch_size=BATCH, output_fields=["track_id", "hash"])
            while batch := rows.next():
                found |= {row["track_id"]: row["hash"] for row in batch}
            rows.close()
        return found

    def put(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows, in place of those of the same tracks."""
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                self._upsert(name, batch)
                batch = []
        if batch:
            self._upsert(name, batch)

    def _upsert(self, name: str, batch: list[dict[str, Any]]) -> None:
        with self._asked():
            self._client.upsert(name, batch)

    def remove(self, name: str, track_ids: Sequence[str]) -> None:
        """Remove tracks."""
        with self._asked():
            for start in range(0, len(track_ids), BATCH):
                self._client.delete(name, ids=list(track_ids[start : start + BATCH]))

    def use(self, name: str) -> None:
        """Point the alias to a collection, and drop those of other checkpoints."""
        before = self.in_use()
        alias = self.address.collection
        with self._asked():
            if before is None:
                self._client.create_alias(name, alias)
            elif before != name:
                self._client.alter_alias(name, alias)
            for other in self._client.list_collections():
                if self._is_ours(other) and other != name:
                    self._client.drop_collection(other)

    def nearest(self, name: str, query: Sequence[float], k: int, where: str) -> list[dict[str, Any]]:
        """The k rows with the largest dot product, best first; ``score`` beside their fields.

        Parameters
        ----------
        where : in Milvus's own words; "" for all.
        """
        fields = ["track_id", "title", "artist", "path"]
        with self._asked():
            found = self._client.search(name, [list(query)], limit=k, filter=where, output_fields=fields)
        return [{**{name: hit["entity"][name] for name in fields}, "score": hit["distance"]} for hit in found[0]]

    def vectors_of(self, name: str, track_ids: Sequence[str]) -> dict[str, list[float]]:
        """Track id → vector, of those that are there."""
        found: dict[str, list[float]] = {}
        with self._asked():
            for start in range(0, len(track_ids), BATCH):
                some = list(track_ids[start : start + BATCH])
                rows = self._client.get(name, ids=some, output_fields=["track_id", "vector"])
                found |= {row["track_id"]: list(map(float, row["vector"])) for row in rows}
        return found
