"""What every reader begins with: imported once, by the server that the readers are forked from.

They share its memory, and none of them loads the loops for large files in the middle of somebody's triage (or compiles
them, where no folder for numba's cache can be written).
"""

import gc

import services.logs.kernel
import services.pictures.picture
import services.triage.report  # noqa: F401  # all for being loaded
from services.problems.catalogue import cached_catalogue

cached_catalogue(None).index  # noqa: B018  # kept for every reader

gc.collect()
gc.freeze()  # a collection in a reader would touch, and so copy, all of this
