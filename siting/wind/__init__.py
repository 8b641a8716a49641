"""Wind: eligible land and candidate areas; no yield from a 0.25 degree mean."""
