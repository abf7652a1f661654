"""How often somebody may try to log in.

Never by address alone, since offices share one; the lower limit holds for one account from one address, so
that whoever guesses there does not lock the owner out elsewhere.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `attempts` within `window` of the first of them; those that succeed do not count."""

    attempts: int
    window: timedelta


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """How many did not succeed, counted from `since`."""

    failures: int
    since: datetime


PER_ACCOUNT_AND_ADDRESS = Limit(attempts=5, window=timedelta(minutes=5))
PER_ACCOUNT = Limit(attempts=50, window=timedelta(minutes=15))
LONGEST_WINDOW = PER_ACCOUNT.window


def limits_of(email: str, address: str) -> dict[bytes, Limit]:
    """What counts an attempt, by key: digests, so that the table tells nothing of who tried."""
    account = email.strip().lower()
    return {
        _key("account and address", account, address): PER_ACCOUNT_AND_ADDRESS,
        _key("account", account): PER_ACCOUNT,
    }


def wait_s(attempts: Attempts, limit: Limit, now: datetime) -> int:
    """Seconds until an attempt is heard again; 0 when this one, which is counted already, is heard."""
    if attempts.failures <= limit.attempts:
        return 0
    return max(1, math.ceil((attempts.since + limit.window - now).total_seconds()))


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()
