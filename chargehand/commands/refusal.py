"""Which exit status an error has, for those that a person can mend; everything else is a fault of ours."""

import typer
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from chargehand import verify_audit, verify_certificate
from chargehand.commands.opening import NoSuchCompany
from chargehand.settings import BadSettings
from contracts.business import BusinessMistakes
from contracts.money import NotMoney
from contracts.units import NoSuchUnit
from engine.erasing import NotErased
from engine.intake import NotAccepted
from engine.reconciling import NotReconciled
from engine.register import NotChanged
from engine.remembering import NotToSay
from engine.scorecard.digests import NoSuchPortfolio
from engine.scorecard.kpis import NotObserved
from engine.scorecard.weeks import NotAWeek
from engine.serving import NoSuchServant
from engine.whys.attempt import AttemptNotFound
from engine.whys.blocker import BlockerNotFound
from engine.whys.effect import EffectNotFound
from engine.whys.number import KpiNotFound
from escalation.reading import DecisionNotFound
from gateway.mail.quarantine import LetterNotFound
from storage.artifacts import ArtifactChanged, ArtifactNotFound
from storage.certifying import NotCertified
from storage.checkpoints import NotAKey
from storage.failpoints import UnknownFailpoint
from storage.incidents import IncidentNotFound
from storage.memory import NotBelievable
from storage.stores import NoStore
from storage.tasks import TaskNotFound

WRONG_INPUT, CANT_REACH = 1, 3
_STATUS: tuple[tuple[type[BaseException], int], ...] = (
    (ArtifactChanged, WRONG_INPUT),
    (ArtifactNotFound, WRONG_INPUT),
    (AttemptNotFound, WRONG_INPUT),
    (BadSettings, WRONG_INPUT),
    (BlockerNotFound, WRONG_INPUT),
    (BusinessMistakes, WRONG_INPUT),
    (DecisionNotFound, WRONG_INPUT),
    (EffectNotFound, WRONG_INPUT),
    (IncidentNotFound, WRONG_INPUT),
    (KpiNotFound, WRONG_INPUT),
    (LetterNotFound, WRONG_INPUT),
    (NoSuchCompany, WRONG_INPUT),
    (NoSuchUnit, WRONG_INPUT),
    (NoSuchServant, WRONG_INPUT),
    (NotChanged, WRONG_INPUT),
    (NoSuchPortfolio, WRONG_INPUT),
    (NoStore, WRONG_INPUT),
    (NotAKey, WRONG_INPUT),
    (NotAWeek, WRONG_INPUT),
    (NotAccepted, WRONG_INPUT),
    (NotBelievable, WRONG_INPUT),
    (NotCertified, WRONG_INPUT),
    (NotMoney, WRONG_INPUT),
    (NotErased, WRONG_INPUT),
    (NotObserved, WRONG_INPUT),
    (NotReconciled, WRONG_INPUT),
    (NotToSay, WRONG_INPUT),
    (TaskNotFound, WRONG_INPUT),
    (UnknownFailpoint, WRONG_INPUT),
    (verify_audit.Wrong, WRONG_INPUT),
    (verify_certificate.Wrong, WRONG_INPUT),
    (typer.BadParameter, WRONG_INPUT),
    (OperationalError, CANT_REACH),
    (RedisError, CANT_REACH),
)


def status_of(error: BaseException) -> int | None:
    """1 for wrong input, 3 when a part can't be reached, None for an error that must be seen whole."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), None)
