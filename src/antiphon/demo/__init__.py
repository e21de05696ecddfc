"""A small music library rendered on the spot, so that everything runs offline: see :mod:`antiphon.demo.render`."""
