"""Signs what the sandbox sends, exactly as Slack does."""

import hashlib
import hmac


def signed_headers(body: bytes, *, secret: str, now: float) -> dict[str, str]:
    """Headers for one delivery: v0 HMAC-SHA256 over `v0:{timestamp}:{body}`.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    timestamp = str(int(now))
    base = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}
