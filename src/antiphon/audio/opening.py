"""Opening a sound file or an address with FFmpeg (PyAV), and saying what it is where it is no sound.

FFmpeg also "opens" play lists and scripts (HLS, DASH, concat), which read other files and addresses, and loop for ever
where one names itself. So only containers on a list are opened: those that hold sound and nothing but themselves.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import av

from antiphon.audio.address import open_address
from antiphon.errors import AudioError
from antiphon.library.addresses import is_address

PROTECTED_TAGS = {"drms", "drmi", "enca", "encv"}
FORMATS = (
    "aa,aac,aax,ac3,ac4,adx,aea,aiff,amr,amrnb,amrwb,ape,aptx,aptx_hd,asf,asf_o,ast,au,avi,avr,bonk,bfstm,brstm,caf,"
    "dsf,dss,dts,dtshd,dv,eac3,flac,flv,gsm,gxf,hca,iff,ircam,latm,loas,m4v,matroska,webm,mlp,mov,mp4,m4a,3gp,3g2,mj2,mp3,"
    "mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nsp,nsv,nut,oga,ogg,ogv,oma,opus,osq,paf,pvf,qcp,qoa,rm,rka,rso,sbc,sds,shn,"
    "sol,sox,spdif,spx,svx,swf,tak,tta,truehd,usm,voc,vqf,w64,wady,wav,wavarc,wsaud,wtv,wv,xa,xwma"
)
OPTIONS = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
_SIGNS = (
    (b"#EXTM3U", "it is a play list, which names sound and holds none"),
    (b"ffconcat version", "it is a script for FFmpeg, which names sound and holds none"),
    (b"[playlist]", "it is a play list, which names sound and holds none"),
    (b"version https://git-lfs", "it is a Git LFS pointer, not the file itself (git lfs pull)"),
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
    (b"GIF8", "it is a picture"),
    (b"PK\x03\x04", "it is a ZIP archive"),
)


@contextmanager
def open_container(path: Path | str) -> Iterator[tuple[Any, Any]]:
    """(PyAV container, its best audio stream) of a file, or of what an address names.

    Raises
    ------
    AudioError : it cannot be opened, or has no sound in it; the message says why.
    """
    with open_bytes(path) as stream:
        file = stream if is_address(path) else os.fspath(Path(path).absolute())  # "Artist: Song.mp3" is no address
        try:
            container = av.open(file, metadata_errors="replace", options=OPTIONS)
        except (av.error.FFmpegError, ValueError) as error:
            why = _guess(stream, _reason(error))
            raise AudioError(f"{path} is not a sound file that can be read: {why}.") from error
        with container:
            yield container, _audio_stream(path, stream, container)


@contextmanager
def open_bytes(path: Path | str) -> Iterator[BinaryIO]:
    """The bytes of a file or address.

    Raises
    ------
    AudioError : it is missing, empty, a folder, a device or pipe, or may not be read.
    """
    if is_address(path):
        with open_address(str(path)) as stream:
            yield stream
        return
    _require_content(Path(path))
    with Path(path).open("rb") as stream:
        yield stream


def _require_content(path: Path) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise AudioError(f"{path} is missing.", fix="Put the file back, or correct its path in the manifest.") from None
    except (OSError, ValueError) as error:
        raise AudioError(f"{path} cannot be read: {error}.") from error
    if stat.S_ISDIR(status.st_mode):
        raise AudioError(f"{path} is a folder, not a sound file.")
    if not stat.S_ISREG(status.st_mode):
        raise AudioError(f"{path} is a pipe, socket or device, not a sound file.", fix="Name a file.")
    if not os.access(path, os.R_OK):
        raise AudioError(f"{path} may not be read by this user.", fix="Change its permissions.")
    if status.st_size == 0:
        raise AudioError(f"{path} is empty (0 bytes).", fix="Fetch the file again.")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _guess(stream: BinaryIO, otherwise: str) -> str:
    """What a file that FFmpeg does not recognise probably is."""
    stream.seek(0)
    head = stream.read(4096)
    known = next((what for sign, what in _SIGNS if head.startswith(sign)), None)
    if known:
        return known
    if head[4:8] == b"ftyp":
        return "its index (moov) is missing or damaged, as after a broken download"
    if head.lstrip()[:1] == b"<":
        return "it is a web page or XML"
    if all(byte >= 32 or byte in b"\t\n\r\f" for byte in head):
        return "it is text"
    return otherwise


def _audio_stream(path: Path | str, stream: BinaryIO, container: Any) -> Any:
    best = container.streams.best("audio")
    if best is None and container.streams.audio:
        why = _guess(stream, "no sound in it could be decoded")
        raise AudioError(f"{path} is not a sound file that can be read: {why}.")
    if best is None:
        kinds = sorted({s.type for s in container.streams}) or ["nothing"]
        raise AudioError(f"{path} has no audio in it, only {', '.join(kinds)}.")
    codec = best.codec_context
    if codec is None:
        raise AudioError(f"{path} is in a codec that FFmpeg does not know.", fix="Convert it to FLAC, MP3 or Opus.")
    if codec.codec_tag in PROTECTED_TAGS:
        raise AudioError(f"{path} is copy-protected (DRM, '{codec.codec_tag}').", fix="Use an unprotected copy.")
    return best
