"""The command line: parse, call one function, print.

Commands are named as text and imported when they run, so that ``antiphon --help`` answers without torch.
"""

from __future__ import annotations

import logging
import os
import sys

from cyclopts import App, Group, Parameter

from antiphon._version import __version__
from antiphon.cli.arguments.other_words import meant
from antiphon.cli.arguments.typed import require_places, require_whole
from antiphon.cli.output.failures import WRONG_USAGE, exit_code
from antiphon.cli.output.parent import follow
from antiphon.cli.output.text import print_anything

HELP = """Search a music library in words, and train that ability on your own data.

On a folder of music, with captions or without: `antiphon ingest FOLDER`, `antiphon embed`,
`antiphon search calm piano`. To see all of it, `antiphon demo` works offline on a music library that it renders.
"""

COMMANDS = {
    "demo": ("antiphon.cli.demo:demo", "Everything, offline, start to finish, on music rendered on the spot."),
    "ingest": ("antiphon.cli.data:ingest", "Make a library from a folder of music, or from a table."),
    "embed": ("antiphon.cli.embedding:embed", "Listen to the music and read the captions, with frozen encoders."),
    "caption": ("antiphon.cli.captions:caption", "Describe tracks from their metadata and sound, where nobody did."),
    "import-embeddings": ("antiphon.cli.imports:import_embeddings", "Bring vectors that you already have."),
    "ids": ("antiphon.cli.ids:ids", "Learn a player's own ids of the tracks, so that its plug-ins can ask by them."),
    "train": ("antiphon.cli.learning.training:train", "Train projection heads for one encoder, or for all."),
    "evaluate": ("antiphon.cli.learning.judging:evaluate", "Measure a checkpoint on a split, beside its baselines."),
    "compare": (
        "antiphon.cli.learning.comparing:compare",
        "Compare all trainings on the same queries, with paired tests.",
    ),
    "diagnose": (
        "antiphon.cli.learning.judging:diagnose",
        "The training doctor: what is wrong, the evidence, what to do.",
    ),
    "review": (
        "antiphon.cli.learning.reviewing:review",
        "Judge the wrong answers that look right, the most doubtful first.",
    ),
    "report": (
        "antiphon.cli.learning.reporting:report",
        "One page about a training, to look at and to listen to; opens offline.",
    ),
    "plot": ("antiphon.cli.learning.reporting:plot", "One of the report's pictures as SVG, PNG or PDF, for a paper."),
    "fuse": (
        "antiphon.cli.learning.tuning:fuse",
        "Combine trainings into one checkpoint that searches with all of them.",
    ),
    "index": ("antiphon.cli.searching.index:index", "Put every track into the shared space, ready to be searched."),
    "search": ("antiphon.cli.searching.search:search", "Find tracks that answer a description."),
    "playlist": (
        "antiphon.cli.searching.playlist:playlist",
        "Make a playlist from words, from one query to another, or from a track.",
    ),
    "serve": ("antiphon.cli.serving.serve:serve", "Answer in the browser, and to other programs."),
    "watch": ("antiphon.cli.serving.watch:watch", "Take in what changes in the music, as it changes."),
    "mcp": ("antiphon.cli.serving.mcp:mcp", "Let an assistant search the library, by the Model Context Protocol."),
    "bundle": (
        "antiphon.cli.searching.bundle:bundle",
        "Seal a checkpoint in a folder that opens anywhere, and send it to a hub.",
    ),
    "export": ("antiphon.cli.searching.export:export", "Write shared-space vectors for another vector store."),
    "embed-text": ("antiphon.cli.searching.embed_text:embed_text", "Put a file of texts into the shared space."),
    "check": ("antiphon.cli.upkeep.check:check", "Read every file of a library: what is damaged, and what mends it."),
    "move-paths": ("antiphon.cli.upkeep.move_paths:move_paths", "Follow music that was moved as a whole."),
    "tag": ("antiphon.cli.upkeep.tag:tag", "Write what was heard into the files' tags; shown first, and taken back."),
    "encoders": ("antiphon.cli.encoders:encoders", "List the encoders, and what each of them needs."),
}
"""Command → where its function is, and what it does; in the order of work."""
HEADINGS = {
    "demo": "Start here",
    "ingest": "Your music and its descriptions",
    "train": "Training and its results",
    "index": "Search",
    "check": "Upkeep",
    "encoders": "Reference",
}
"""The first command below each heading of the help."""
ARGUMENTS = {
    "ingest": "MANIFEST [MORE...] ",
    "ids": "[SOURCE] ",
    "evaluate": "[CHECKPOINT] ",
    "diagnose": "[NAME] ",
    "review": "[CHECKPOINT] ",
    "report": "[NAMES...] ",
    "plot": "PICTURE [NAME] --out PATH ",
    "fuse": "NAMES... ",
    "index": "[CHECKPOINT] ",
    "search": "[QUERY...] ",
    "playlist": "[STOPS...] ",
    "serve": "[PLACE] ",
    "bundle": "[CHECKPOINT] --out PATH ",
    "export": "[CHECKPOINT] --out PATH ",
    "embed-text": "FILE --out PATH ",
    "check": "[PLACE] ",
}
"""What is typed behind a command without an option's name, as its help shows it; of the others the parser says it."""

ROUNDS = "10000"
"""Of waiting awake (0.1 ms) before a thread of torch sleeps; left alone, it takes 30 times as many."""
BUSY = 0.5
"""Programs that want a core, as a share of the cores, from which it sleeps at once.

Then the core that it holds is the one that the thread with the work wants: beside other programs a training took nine
times the processor time. How threads wait changes no number.
"""


def _shown(default: object) -> str | None:
    """A default as the help shows it; None for one that says nothing: no value, an empty one, a switch that is off."""
    if isinstance(default, bool):
        return "on" if default else None
    return None if default in (None, (), "") else str(default)


app = App(
    name="antiphon",
    help=HELP,
    version=__version__,
    suppress_keyboard_interrupt=False,
    default_parameter=Parameter(show_default=_shown),
    config=[require_whole, require_places],
)
_group = Group("Commands")
for _place, (_name, (_target, _help)) in enumerate(COMMANDS.items()):
    _group = Group(HEADINGS[_name], sort_key=_place) if _name in HEADINGS else _group
    _usage = f"Usage: antiphon {_name} {ARGUMENTS[_name]}[OPTIONS]" if _name in ARGUMENTS else None
    app.command(_target, name=_name, help=_help, group=_group, sort_key=_place, usage=_usage)
app["--help"].group = app["--version"].group = Group("Options", sort_key=len(COMMANDS))


def main(arguments: list[str] | None = None) -> None:
    """Entry point. Exit code 0 done, 1 a problem that the message explains, 2 wrong usage, 130 stopped by Ctrl-C."""
    print_anything()
    follow()
    _sleep_soon()
    _tell_what_the_library_logs()
    instead = meant(sys.argv[1:] if arguments is None else arguments)
    if instead is not None:
        _complain(f"Error: {instead}")
        sys.exit(WRONG_USAGE)
    try:
        app(arguments)
    except BrokenPipeError:  # the reader of our output (`| head`) has seen enough
        sys.stderr.close()
        sys.exit(0)
    except (Exception, KeyboardInterrupt) as error:
        code = exit_code(error, _complain)
        if code is None:
            raise
        sys.exit(code)


def _sleep_soon() -> None:
    """Set how long torch's threads wait awake, unless the user did; it is read when torch is loaded, so not yet."""
    if "OMP_WAIT_POLICY" not in os.environ:
        busy = os.getloadavg()[0] > BUSY * (os.cpu_count() or 1)
        os.environ.setdefault("GOMP_SPINCOUNT", "0" if busy else ROUNDS)


class _Told(logging.Handler):
    """Shows what the library logs as the commands' own messages: it quotes names that could steer the terminal."""

    def emit(self, record: logging.LogRecord) -> None:
        _complain(f"Warning: {record.getMessage()}")


def _tell_what_the_library_logs() -> None:
    logger = logging.getLogger("antiphon")
    if not any(isinstance(handler, _Told) for handler in logger.handlers):
        logger.addHandler(_Told(level=logging.WARNING))


def _complain(message: str) -> None:
    from antiphon.cli.output.console import note

    note(message)
