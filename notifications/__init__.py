"""What leaves: messages and cards as Slack shows them, and the courier that sends them."""
