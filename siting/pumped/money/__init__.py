"""siting.pumped.money: cost by part, classes and the levelised cost of storage."""
