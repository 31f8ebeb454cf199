"""E-mail and about a hundred other services, through the optional library ``apprise``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stream_drift.channels.words import body, grouped, marked, title
from stream_drift.errors import ConfigError
from stream_drift.incidents.alert import Alert
from stream_drift.runtime.notify.channel import Delivered, Outcome, Retry

MOST_TITLE = 250
MOST_BODY = 20_000


@dataclass(frozen=True, slots=True)
class Apprise:
    """Keeps `Channel`; ``urls`` are those of apprise, which hold passwords."""

    urls: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what the library would pass over."""
        try:
            import apprise  # noqa: PLC0415  # an optional extra
        except ImportError as error:
            message = "channel apprise needs an extra: pip install 'stream-drift[apprise]'"
            raise ConfigError(message) from error
        for i, url in enumerate(self.urls):
            if apprise.Apprise.instantiate(url) is None:
                message = f"channel apprise: apprise does not understand url number {i + 1}"
                raise ConfigError(message)

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """One message for all of them; where one service fails, all are told again."""
        import apprise  # noqa: PLC0415  # an optional extra

        del mark
        service = apprise.Apprise()
        for url in self.urls:
            service.add(url)
        told = grouped(alerts)
        head = f"{marked(told[0])} {title(told[0], MOST_TITLE)}"
        if len(told) > 1:
            head += f" and {len(told) - 1} more"
        text = "\n\n".join(
            f"{title(data, MOST_TITLE)}\n{body(data, MOST_BODY // len(told))}" for data in told
        )
        if service.notify(body=text, title=head):
            return Delivered()
        return Retry("apprise could not deliver to every service")
