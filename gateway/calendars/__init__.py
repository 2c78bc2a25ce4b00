"""Absences from people's calendars: a feed is fetched, read in a child process, and kept as the record has them."""
