"""Files as a planning bureau hands them out: layer names, codes, columns, and what they mean.

Imports neither drivers nor catalog, which use it.
"""
