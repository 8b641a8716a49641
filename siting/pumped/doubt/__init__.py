"""siting.pumped.doubt: what errors of the elevation do to head, volume, cost and class."""
