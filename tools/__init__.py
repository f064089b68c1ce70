"""What builds and checks the book; each module with a `main` is run by the Makefile."""
