"""What the business's numbers are, and how far they are from what was wanted."""
