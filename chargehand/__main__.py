"""`python -m chargehand`."""

from chargehand.cli import main

main()
