"""Says what one of our addresses stands for: a lane, the answer to a decision, or the one that our letters come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.loaded import Business
from gateway.mail.config import MailConfig
from gateway.mail.headers import addresses
from notifications.mail.tokens import Token, read, token_in


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a letter to `address` is for; without lane and token it came to where our own letters come from."""

    company: str
    address: str
    lane: str | None = None
    token: Token | None = None
    written_token: str = ""


def purpose_of(config: MailConfig, businesses: Mapping[str, Business], address: str) -> Purpose | None:
    """What the address stands for; None when it is none of ours."""
    local_part, _, domain = address.rpartition("@")
    company = _company_at(businesses, domain.lower())
    written = token_in(address)
    if written is not None:
        ours = company is not None or domain.lower() == (config.domain or "").lower()
        return _answer(config, businesses, address, written) if ours else None
    if company is not None and local_part.lower() in businesses[company].lanes:
        return Purpose(company, address, lane=local_part.lower())
    if address.lower() in addresses(config.sender or ""):
        return Purpose(company or next(iter(businesses)), address)
    return None


def _company_at(businesses: Mapping[str, Business], domain: str) -> str | None:
    return next((name for name, one in businesses.items() if one.company.mail_domain == domain), None)


def _answer(config: MailConfig, businesses: Mapping[str, Business], address: str, written: str) -> Purpose | None:
    token = read(config.secret, written)
    if token is None or token.company not in businesses:
        return None
    return Purpose(token.company, address, token=token, written_token=written)


def chosen(purposes: Sequence[Purpose]) -> Purpose | None:
    """What a letter to several of our addresses is for: an answer before a request; None for two at once."""
    for kind in ("token", "lane"):
        found = {getattr(one, kind): one for one in purposes if getattr(one, kind) is not None}
        if found:
            return next(iter(found.values())) if len(found) == 1 else None
    return next(iter(purposes), None)
