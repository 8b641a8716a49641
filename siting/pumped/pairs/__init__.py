"""siting.pumped.pairs: upper and lower lakes joined, sized and thinned to a best set."""
