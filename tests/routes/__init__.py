"""Second routes to what the library computes; none takes a solver of the library."""
