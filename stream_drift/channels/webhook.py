"""Any HTTP receiver: the CloudEvent as it stands, signed as Standard Webhooks has it.

Every request carries ``webhook-id`` and ``Idempotency-Key`` (the alert's id, the same when an
alert is sent again), ``webhook-timestamp`` and, with a secret, ``webhook-signature``:
``v1,base64(HMAC-SHA256(secret, "<id>.<timestamp>.<body>"))``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stream_drift.channels.each import tell_each
from stream_drift.channels.http import Endpoint, judge
from stream_drift.incidents.alert import Alert, structured_json
from stream_drift.runtime.notify.channel import Outcome

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets of that standard begin with


@dataclass(frozen=True, slots=True)
class Webhook:
    """Keeps `Channel`; ``secret`` as Standard Webhooks writes it, or any text."""

    endpoint: Endpoint
    now_ms: Callable[[], int]
    secret: str | None = field(default=None, repr=False)

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """One request per alert."""
        del mark
        return tell_each(alerts, self._send)

    def _send(self, alert: Alert) -> Outcome:
        body, seconds = structured_json(alert), str(self.now_ms() // 1000)
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Idempotency-Key": alert.id,
            "webhook-id": alert.id,
            "webhook-timestamp": seconds,
        }
        if self.secret is not None:
            headers["webhook-signature"] = signature(self.secret, alert.id, seconds, body)
        return judge(self.endpoint.host, self.endpoint.post(body, headers))


def signature(secret: str, identity: str, seconds: str, body: bytes) -> str:
    """What a receiver computes again to know who sent it.

    Examples
    --------
    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...           "1614265330", b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{identity}.{seconds}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    if secret.startswith(SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
