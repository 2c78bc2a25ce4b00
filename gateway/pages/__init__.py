"""The signed-in page: what waits for somebody and what they say to it, in a browser, without a script."""
