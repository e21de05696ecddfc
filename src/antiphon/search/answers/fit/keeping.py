"""The calibration of an index beside it: made once, by the library's own captions or by what a bundle carries."""

from __future__ import annotations

import logging

from antiphon.errors import AntiphonError, reason
from antiphon.search.answers.fit.calibrating import calibration_of
from antiphon.search.answers.fit.calibration import Calibration, path_of, read_calibration
from antiphon.search.answers.fit.carried import carried
from antiphon.search.searcher import Searcher

LOG = logging.getLogger(__name__)


def calibrate(searcher: Searcher) -> Calibration | None:
    """Write the calibration of a searcher's index, unless it is there; None where nothing tells it."""
    vectors = searcher.index.about.get("vectors")
    if vectors is None:
        return None
    path = path_of(searcher.library.root, vectors)
    if read_calibration(path) is not None:
        return None
    try:
        found = calibration_of(searcher) or carried(searcher)
        if found is not None:
            found.write(path)
    except (OSError, AntiphonError) as error:
        LOG.warning("How well answers fit is not calibrated: %s", reason(error))
        return None
    for old in path.parent.glob("fit-*.npz"):
        if old != path:
            old.unlink(missing_ok=True)
    return found
