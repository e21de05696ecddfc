"""The command ingest: from a manifest to a library."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from antiphon.api.tagging.copies import remove_left_over
from antiphon.cli.accounts import account_for
from antiphon.cli.output.console import JsonOption, LibraryOption, ProgressBars, note, say, say_json
from antiphon.cli.output.next_lines import next_lines
from antiphon.errors import ManifestError
from antiphon.library.ingest import IngestOptions
from antiphon.library.ingest import ingest as ingest_manifest
from antiphon.library.manifest.columns.options import Choice, ManifestOptions
from antiphon.library.manifest.paths.mapping import path_maps


def ingest(
    manifest: str,
    /,
    *more: str,
    caption: Annotated[list[str] | None, Parameter(negative="")] = None,
    id: str | None = None,
    audio: str | None = None,
    split_column: str | None = None,
    group: str | None = None,
    audio_folder: Annotated[list[Path] | None, Parameter(negative="")] = None,
    path_map: Annotated[list[str] | None, Parameter(negative="")] = None,
    no_audio: Annotated[bool, Parameter(negative="")] = False,
    only: Annotated[list[str] | None, Parameter(negative="")] = None,
    folder_tags: bool | None = None,
    caption_kind: Literal["human", "machine", "tags"] = "human",
    split: Literal["train", "val", "test"] | None = None,
    keep_splits: Annotated[bool, Parameter(negative="")] = False,
    no_paraphrase_joins: Annotated[bool, Parameter(negative="")] = False,
    no_tags: Annotated[bool, Parameter(negative="")] = False,
    seed: int | None = None,
    strict: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Make a library from a folder of music, a player's data, or a table with captions; print the audit.

    Parameters
    ----------
    manifest
        A folder of music; Navidrome's database (navidrome.db); beets' database (library.db); a playlist (M3U, M3U8); a
        Subsonic server's address (https://USER@HOST; the password is asked for, or ANTIPHON_SUBSONIC_PASSWORD); or a
        table: CSV, TSV, JSONL, JSON, Parquet, HDF5, a saved Hugging Face dataset.
    more
        Further tables. Rows of one id belong together, whichever table they are in; a table's name may say its split.
    caption
        A column with captions, in place of those known by their names; may be given several times.
    id
        The column with each track's id.
    audio
        The column with each track's file.
    split_column
        The column with each track's split.
    group
        The column that says which tracks must share a split.
    audio_folder
        A folder in which files are looked for by their name, or by the track's id; may be given several times.
    path_map
        PLAYER=HERE, such as /music=/mnt/nas/music: a folder as the player or table writes it, and where it is on this
        machine; may be given several times.
    no_audio
        Read no paths: captions alone, for vectors that are imported.
    only
        Take only rows whose COLUMN says yes, or COLUMN=VALUE; may be given several times.
    folder_tags
        Take the names of folders as captions. Default: where they look like classes and there are no captions.
    caption_kind
        Who wrote the captions: human; machine (a language model, a tagger); tags (made from metadata). A column
        caption_kind says it row by row. Only people's captions judge a training, once they describe 20 tracks of a
        split, or all that have a caption.
    split
        Put all tracks into one split, whatever the table says.
    keep_splits
        Leave every track in the split that the manifest names; leaks across them are reported.
    no_paraphrase_joins
        Do not keep tracks together because their captions are alike.
    no_tags
        Do not read the tags of sound files. With them title, artist and album are filled where the table leaves them
        open, artists keep their tracks together, and all tags become metadata.
    seed
        Seed of the split into train, val and test. Default: as before, or 0.
    strict
        Stop when rows have problems, instead of skipping and listing them.
    json
        Print the audit as JSON.
    library
        The folder to make the library in. Ingesting again keeps every track's split and all vectors.
    """
    if not manifest.strip():
        raise ManifestError(
            "The manifest is an empty text, as of a variable that is not set.",
            fix="Name a folder of music, or a table.",
        )
    choice = Choice(
        id=id or "", audio=audio or "", captions=tuple(caption or ()), split=split_column or "", group=group or ""
    )
    options = IngestOptions(
        seed=seed,
        strict=strict,
        keep_splits=keep_splits,
        paraphrase_joins=not no_paraphrase_joins,
        tags=not no_tags,
        manifest=ManifestOptions(
            choice=choice,
            only=tuple(only or ()),
            split=split or "",
            audio_folders=tuple(audio_folder or ()),
            path_maps=path_maps(path_map or ()),
            no_audio=no_audio,
            account=account_for([manifest, *more]),
            folder_tags=folder_tags,
            caption_kind=caption_kind,
        ),
    )
    remove_left_over(library)
    with ProgressBars() as bars:
        told = replace(options, on_tags=lambda done, total: bars.update("tags", done, total))
        audit = ingest_manifest(manifest, library, options=told, more=more)
    if json:
        say_json(audit.to_dict())
    else:
        say(audit.lines())
        note(next_lines(library))
