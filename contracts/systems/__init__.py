"""The kinds of outside systems that a company declares without code: what their files say, and the tools made of that."""
