"""Messages as letters: how they read, which of them go by mail, and how they are handed to a mail server."""
