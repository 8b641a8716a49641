"""siting.pumped.works: the structures of a pair on the map, their law, their open questions."""
