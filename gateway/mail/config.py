"""What the mail door is told from outside: its addresses, its secrets, whom it trusts, and who answers for names."""

from dataclasses import dataclass

from gateway.mail.names import Names
from gateway.mail.proof import Trust


@dataclass(frozen=True, slots=True)
class MailConfig:
    """The mail door's settings.

    `domain` is that of reply addresses, `sender` the address that our letters come from; `secret` signs the tokens in
    reply addresses, `inbound_secret` what a provider posts.
    """

    domain: str | None
    sender: str | None
    secret: str
    inbound_secret: str
    trust: Trust
    names: Names
