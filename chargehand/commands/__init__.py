"""One module per command of `chargehand`; each loads what it needs when it is called."""
