"""siting.pumped.anu: the rules of a published atlas, restated as a cross-check."""
