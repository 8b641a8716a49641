"""report.html: first page with the answer, the map, the numbers and the warnings."""
