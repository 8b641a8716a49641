"""``layers``: what is known - catalog entry -> checked, named layer on the run's grid.

Owns the catalog of inputs, the drivers that read them, the region profiles, the list of
layers (:mod:`layers.contract`), the demo scene and the tables of published figures.
Must not know a technology, a law, a forest model or a picture: it never imports
``siting``, ``sinks`` or ``atlas``, and nothing below ``atlas`` imports ``layers.catalog``.

Three entries: :func:`layers.catalog.open_catalog` (which inputs there are),
:func:`layers.region.load_region` (where the run takes place) and
:func:`layers.stack.build_stack` (every input read, checked and put on one grid).
"""
