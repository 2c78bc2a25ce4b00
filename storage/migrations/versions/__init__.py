"""One file a step, in order; never edited once released."""
