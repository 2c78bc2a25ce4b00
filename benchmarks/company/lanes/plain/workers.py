"""Three steps that count."""

from chargehand import worker

from .models import Count, First, Second, Third


@worker
def first(request: Count) -> First:
    """Count one."""
    return First(number=request.number + 1)


@worker
def second(before: First) -> Second:
    """Count two."""
    return Second(number=before.number + 1)


@worker
def third(before: Second) -> Third:
    """Count three."""
    return Third(number=before.number + 1)
