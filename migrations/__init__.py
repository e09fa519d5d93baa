"""The tables and their history. A change of ``handlers.records`` needs a revision here: ``python -m migrations``."""
