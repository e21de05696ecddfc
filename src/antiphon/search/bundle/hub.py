"""Bundles on a model hub: pushed and pulled by huggingface_hub, which knows the hub's address, proxies and tokens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.sealed import MANIFEST, read_bundle_manifest, require_whole, sealed_manifest
from antiphon.encoders._shared.published import cache_folder
from antiphon.errors import CheckpointError

SCHEME = "hf://"
_ADDRESS = re.compile(r"(?:hf:/{1,2})?(?P<repo>[\w.-]+/[\w.-]+?)(?:@(?P<revision>[\w./-]+))?")


def is_address(text: str) -> bool:
    """Whether a text names a bundle on the hub; one slash will do, as paths make of two."""
    return text.startswith("hf:/")


def pull(address: str) -> Path:
    """Fetch a bundle, or what of it is not here yet; its folder on this machine.

    Where the hub cannot be reached, huggingface_hub gives what was fetched before, and says so.

    Parameters
    ----------
    address : ``hf://ORG/NAME``, with ``@REVISION`` for a tag, branch or commit.

    Raises
    ------
    CheckpointError : the address is none, the hub cannot be reached or has no such bundle, or what came is damaged.
    """
    repo, revision = _taken_apart(address)
    from huggingface_hub import snapshot_download

    name = repo.replace("/", "--") + ("" if revision is None else f"@{revision.replace('/', '--')}")
    folder = cache_folder() / "bundles" / name
    try:
        snapshot_download(repo, revision=revision, local_dir=folder)
    except Exception as error:  # of its own, of requests, of the system: all mean that nothing came
        raise CheckpointError(
            f"{SCHEME}{repo} cannot be fetched: {_first_line(error)}",
            fix="Check the name and the network; a private one needs: hf auth login",
        ) from error
    manifest = sealed_manifest(folder)
    if manifest is None:
        raise CheckpointError(f"{SCHEME}{repo} is no bundle: it has no {MANIFEST}.", fix="Make one: antiphon bundle")
    require_whole(manifest, read_bundle_manifest(manifest))
    return folder


def push(folder: Path, address: str, *, private: bool = False) -> str:
    """Send a bundle to the hub; the address of the commit.

    Parameters
    ----------
    address : ``ORG/NAME``, made where it is not there.

    Raises
    ------
    CheckpointError : ``folder`` is no whole bundle, the address is none, or the hub refuses or cannot be reached.
    """
    repo, revision = _taken_apart(address)
    manifest = sealed_manifest(folder)
    if manifest is None:
        raise CheckpointError(f"{folder} is no bundle.", fix=f"antiphon bundle NAME -o {folder}")
    about = read_bundle_manifest(manifest)
    require_whole(manifest, about)
    from huggingface_hub import HfApi

    hub, files = HfApi(), [MANIFEST, *about["files"]]
    try:
        hub.create_repo(repo, private=private, exist_ok=True)
        message = f"{about['name']}, sealed by Antiphon {about['antiphon']}"
        done: Any = hub.upload_folder(
            repo_id=repo, folder_path=folder, revision=revision, commit_message=message, allow_patterns=files
        )
    except Exception as error:
        raise CheckpointError(
            f"{folder} cannot be sent to {repo}: {_first_line(error)}",
            fix="Log in with a token that may write: hf auth login",
        ) from error
    return str(done.commit_url)


def _taken_apart(address: str) -> tuple[str, str | None]:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise CheckpointError(
            f"'{address}' is no bundle on a hub.", fix="Name it as hf://ORG/NAME or hf://ORG/NAME@TAG"
        )
    return found["repo"], found["revision"]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
