"""Forest: area by stratum and age, stepped year by year, under named definitions."""
