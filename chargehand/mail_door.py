"""The mail door's part of the settings, as the gateway takes it."""

from chargehand.settings import BadSettings, Settings
from gateway.mail.config import MailConfig
from gateway.mail.names import DnsNames
from gateway.mail.proof import read_trust


def mail_config(settings: Settings) -> MailConfig:
    """Addresses, secrets, whom to trust, and this machine's name servers; raises BadSettings."""
    try:
        trust = read_trust(settings.mail_authserv_id, settings.mail_trusted_relays)
    except ValueError as error:
        raise BadSettings(str(error)) from error
    return MailConfig(
        domain=settings.mail_domain,
        sender=settings.mail_from,
        secret=settings.secret.get_secret_value(),
        inbound_secret=settings.mail_inbound_secret.get_secret_value(),
        trust=trust,
        names=DnsNames(),
    )
