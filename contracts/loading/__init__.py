"""From the bytes of files to models, functions and rules, each still knowing its line."""
