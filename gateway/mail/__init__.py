"""Mail as a door: raw letters are kept, read within limits, proven, and become requests or answers."""
