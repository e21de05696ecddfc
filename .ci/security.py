"""The linters for security: bandit over the source, and what is known of the pinned packages.

Whoever cannot reach the databases can work all the same: that nothing was checked is said, and is no error. A package
with a known hole is one. A hole that does not matter here is named in ``ACCEPTED``, with the reason.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ACCEPTED: dict[str, str] = {}
"""Identifier of a vulnerability → why it does not matter here."""
SERVICES = ("pypi", "osv")
"""Where pip-audit asks, the first that answers."""
PROBE = "https://pypi.org/pypi/pip/23.2.1/json"
"""A release with a known hole. Some mirrors have packages and nothing else, and answer "no holes" for all of them."""
SECONDS = 120


def main() -> int:
    """Run both; 1 where one of them found something."""
    return bandit() | known_holes()


def bandit() -> int:
    """What stands in the source. Its warnings on comments that it did not need are left out."""
    from bandit.cli import main as command

    logging.disable(logging.WARNING)
    sys.argv = ["bandit", "--quiet", "--recursive", str(ROOT / "src"), "--configfile", str(ROOT / "pyproject.toml")]
    try:
        command.main()
    except SystemExit as end:
        return int(bool(end.code))
    finally:
        logging.disable(logging.NOTSET)
    return 0


def known_holes() -> int:
    """What the databases know of the packages in constraints.txt."""
    problems = []
    for service in SERVICES:
        found, problem = _asked(service)
        looked_up = [package for package in found if "vulns" in package]
        if looked_up:
            return _told(service, found, looked_up)
        problems.append(f"{service}: {problem or f'knows none of {len(found)} packages'}")
    print(f"pip-audit checked nothing, which is no error here. {'; '.join(problems)}.", file=sys.stderr)
    return 0


def _asked(service: str) -> tuple[list[dict[str, Any]], str]:
    """What pip-audit says of each package, and why it says nothing."""
    if service == "pypi" and (problem := _no_data()):
        return [], problem
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--vulnerability-service",
        service,
        "--requirement",
        "constraints.txt",
    ]
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--timeout", "10"]
    try:
        run = subprocess.run(
            [*command, *options], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        return json.loads(run.stdout)["dependencies"], ""
    except subprocess.TimeoutExpired:
        return [], f"no answer in {SECONDS} s"
    except (ValueError, LookupError, TypeError):  # no JSON: the service could not be reached, which the last line of stderr says
        return [], "cannot be reached (" + (run.stderr.strip().splitlines() or ["no word"])[-1][:150] + ")"


def _no_data() -> str:
    """Why PyPI cannot be asked for what it knows; "" where it can."""
    try:
        with urllib.request.urlopen(PROBE, timeout=10) as found:
            return "" if json.load(found).get("vulnerabilities") else "has no data on vulnerabilities"
    except (OSError, ValueError, AttributeError) as error:
        return f"has no data on vulnerabilities ({error})"


def _told(service: str, found: list[dict[str, Any]], looked_up: list[dict[str, Any]]) -> int:
    holes = [(package, hole) for package in looked_up for hole in package["vulns"] if not _is_accepted(hole)]
    for package, hole in holes:
        fixed = ", ".join(hole["fix_versions"]) or "no version"
        print(f"{package['name']} {package['version']}: {hole['id']}, fixed in {fixed}", file=sys.stderr)
    unknown = [package["name"] for package in found if "vulns" not in package]
    if unknown:
        print(f"pip-audit: {service} does not know {len(unknown)} of {len(found)} packages: {', '.join(unknown)}")
    return int(bool(holes))


def _is_accepted(hole: dict[str, Any]) -> bool:
    """One hole has several identifiers; which of them comes first depends on who is asked."""
    return not ACCEPTED.keys().isdisjoint({hole["id"], *hole.get("aliases", ())})


if __name__ == "__main__":
    raise SystemExit(main())
