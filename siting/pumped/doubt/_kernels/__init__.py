"""Kernels of the errors of the elevation."""
