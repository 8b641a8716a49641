"""Parameter tables of the forest model (CSV), each row with source and status."""
