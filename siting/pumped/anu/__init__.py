"""siting.pumped.anu: the rules of a published atlas, restated from its papers as a cross-check."""
