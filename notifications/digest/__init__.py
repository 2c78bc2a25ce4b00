"""The weekly digest in words, the same for every surface."""
