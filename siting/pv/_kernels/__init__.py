"""Kernels of the PV yield: horizon codes, row pitch, the chain from sun to AC."""
