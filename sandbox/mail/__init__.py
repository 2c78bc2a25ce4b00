"""A mail server with a mailbox for every person, a page that shows them, and an app at the other end."""
