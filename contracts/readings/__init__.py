"""What a file may have meant that can't be read as it stands, so that all that is wrong in it is told at once."""
