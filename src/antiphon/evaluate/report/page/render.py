"""Puts the page together: everything is escaped, one file holds it all, and nothing in it may load or run else.

The page's Content-Security-Policy allows its own style, its own script by its hash, and sound that it carries itself:
if a title ever got through as markup, a browser would still run and fetch nothing.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.errors import ConfigError

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
TEMPLATE = "report.html.j2"


def render(content: Mapping[str, Any], root: Path) -> str:
    """The page as text, with its own size on it, and without the place on this machine that it is made from.

    Parameters
    ----------
    content : what the template asks for; a name that it lacks is an error.
    root : library folder as it was named; commands on the page are for whoever stands in it.

    Raises
    ------
    ConfigError : jinja2 is not installed; the message has the command that installs it.
    """
    from markupsafe import Markup

    script = (HERE / "report.js").read_text(encoding="utf-8")
    values = {
        **content,
        "style": Markup((HERE / "report.css").read_text(encoding="utf-8")),  # nosec B704 # a file of ours
        "script": Markup(script),  # nosec B704 # a file of ours
        "policy": policy(script),
    }
    template = _environment().get_template(TEMPLATE)
    bare = _without_place(template.render({**values, "size": "0.00 MB"}), root)
    size = f"{len(bare.encode('utf-8', 'backslashreplace')) / 1e6:.2f} MB"
    return _without_place(template.render({**values, "size": size}), root)


def _without_place(page: str, root: Path) -> str:
    """A page goes to other people: where it was made is no business of theirs, and its commands hold anywhere."""
    from markupsafe import escape

    page = page.replace(str(escape(f" --library {shlex.quote(str(root))}")), "")
    for absolute in {str(root.absolute()), str(root.resolve())}:
        page = page.replace(str(escape(absolute)), str(escape(root.resolve().name)))
    return page


def policy(script: str) -> str:
    """What the page may do."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def require_jinja() -> None:
    """Refuse to begin what cannot be put together; errors as :func:`render`."""
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "antiphon report needs Jinja2, which is not installed.", fix="pip install 'antiphon[report]'"
        ) from error


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
