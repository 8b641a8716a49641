"""``geo`` answers "where": the grid, the datum, files on it, terrain, distance, sums.

It owns coordinates and everything that is true of any place on earth: `Grid`, datums and
projections, raster and vector files, slope, distance, connected components, zonal sums,
units, provenance (`Passport`, `Sourced`), the named errors and safe publishing of files.

It must not know any city, law, energy or forest, and imports none of the other packages.

Three entry functions to start reading from:

- `geo.raster.read` - a raster file, checked, on the run's grid;
- `geo.vector.read` - a vector file, checked, repaired, in a datum that is believed;
- `geo.crs.cell_areas` - the true ellipsoidal area of every cell.
"""
