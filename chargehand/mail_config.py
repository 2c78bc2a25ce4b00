"""Reads from the settings whether letters go out, through which server and under which name."""

from email.utils import parseaddr

from chargehand.settings import BadSettings, Settings
from notifications.mail.desk import MailConfig
from notifications.mail.server import BadAddress, Server, read_server
from notifications.page_address import PageAddress


def mail_out(settings: Settings) -> tuple[MailConfig, Server] | None:
    """How letters go out; None when no mail server is named. Raises BadSettings with the setting to mend."""
    if settings.smtp_url is None:
        return None
    sender = parseaddr(settings.mail_from or "")[1]
    if "@" not in sender:
        raise BadSettings("SMTP_URL is set, so MAIL_FROM has to be: the address that letters come from.")
    domain = settings.mail_domain or sender.rpartition("@")[2]
    try:
        server = read_server(settings.smtp_url.get_secret_value())
    except BadAddress as unreadable:
        raise BadSettings(str(unreadable)) from unreadable
    secret = settings.secret.get_secret_value()
    return MailConfig(sender, domain, secret, PageAddress(settings.url.rstrip("/"), secret)), server
