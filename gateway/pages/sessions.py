"""The session's cookie and the proof that a form is ours: both signed, and nothing in them but names of rows."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, Signer
from starlette.responses import Response

from gateway.pages.signing_in import SESSION
from notifications.page_address import Link

_SESSION, _FORM, _SAID = b"chargehand page session 1", b"chargehand page form 1", b"chargehand page said 1"
_SOON_S = 60


@dataclass(frozen=True, slots=True)
class Cookies:
    """Writes and reads them; `secure` where browsers come by HTTPS, which also binds them to this host alone.

    Lax and not Strict: whoever comes from a letter to a decision's page is signed in there, too; no form of another
    site brings the cookie either way.
    """

    secret: str
    secure: bool

    @property
    def session_name(self) -> str:
        """https://www.rfc-editor.org/rfc/rfc6265bis: a browser takes __Host- only with Secure and for this host."""
        return "__Host-chargehand" if self.secure else "chargehand"

    @property
    def said_name(self) -> str:
        """The cookie of one sentence that the next page shows."""
        return f"{self.session_name}-said"

    def begin(self, response: Response, session: Link) -> None:
        """Give a browser its session."""
        value = _signer(self.secret, _SESSION).sign(f"{session.company}.{session.id}").decode()
        self._set(response, self.session_name, value, lasts_s=int(SESSION.total_seconds()))

    def session(self, given: str | None) -> Link | None:
        """The session of a cookie; None when we did not make it."""
        try:
            company, link = _signer(self.secret, _SESSION).unsign(given or "").decode().split(".")
        except (BadSignature, ValueError):
            return None
        return Link(company, link)

    def end(self, response: Response) -> None:
        """Have the browser forget its session."""
        response.delete_cookie(self.session_name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def form_token(self, session: Link) -> str:
        """What every form of this session carries, so that no other page can send one."""
        return _signer(self.secret, _FORM).get_signature(f"{session.company}.{session.id}").decode()

    def is_our_form(self, session: Link, given: str) -> bool:
        """Whether a form came from a page of this very session."""
        return hmac.compare_digest(self.form_token(session).encode(), given.encode())

    def say(self, response: Response, session: Link, sentence: str) -> None:
        """Have the next page of this session show a sentence, once."""
        value = _signer(self.secret, _SAID).sign(f"{session.id}.{sentence.encode().hex()}").decode()
        self._set(response, self.said_name, value, lasts_s=_SOON_S)

    def said(self, session: Link, given: str | None) -> str:
        """That sentence, if it was meant for this session."""
        try:
            whose, _, sentence = _signer(self.secret, _SAID).unsign(given or "").decode().rpartition(".")
            return bytes.fromhex(sentence).decode() if whose == session.id else ""
        except (BadSignature, ValueError):
            return ""

    def hush(self, response: Response) -> None:
        """The sentence was shown."""
        response.delete_cookie(self.said_name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def _set(self, response: Response, name: str, value: str, *, lasts_s: int) -> None:
        response.set_cookie(name, value, max_age=lasts_s, path="/", secure=self.secure, httponly=True, samesite="lax")


def _signer(secret: str, purpose: bytes) -> Signer:
    digest: Any = hashlib.sha256
    return Signer(secret, salt=purpose, key_derivation="hmac", digest_method=digest)
