"""Ticks: snapshot and decision as a row that stays small.

A house says nearly the same every time. Site and policies are kept once for all ticks that share them, and
each tick is compressed with the first of those ticks as its dictionary (RFC 1950, preset dictionary), so that
a row holds little more than what differs.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.codec import (
    decision_from_json,
    decision_json,
    fingerprint,
    site_from_json,
    site_json,
    tick_from_json,
    tick_json,
)
from controller.domain.site import Site
from controller.domain.snapshot import Snapshot
from controller.domain.writes import Decision

# DEFLATE looks back no further than this.
_WINDOW_BYTES = 32_768

PolicyDocument = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What many ticks share: their site, their policies, and a sample of what they look like."""

    id: str
    site: bytes
    policies: bytes
    """The policies' document as JSON; `null` when nobody told it."""
    sample: bytes

    @classmethod
    def of(cls, site: Site, policies: PolicyDocument | None, lines: bytes) -> "Context":
        """Make a context from a site, its policies and the first tick under them."""
        site_text, sample = site_json(site), lines[-_WINDOW_BYTES:]
        policies_text = json.dumps(policies, sort_keys=True).encode()
        name = fingerprint(b"\n".join((site_text, policies_text, sample)))
        return cls(id=name, site=site_text, policies=policies_text, sample=sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A context, read once for all ticks that share it."""

    context: Context
    site: Site
    policies: PolicyDocument | None

    @classmethod
    def of(cls, context: Context) -> "Opened":
        """Read a context; errors as for a snapshot."""
        site = site_from_json(context.site, f"site {context.id}")
        return cls(context=context, site=site, policies=json.loads(context.policies))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTick:
    """One tick as it was recorded; read back only as far as somebody asks."""

    at: datetime
    digest: str
    """Of the decision, as `controller.codec.digest` tells it."""
    site: Site
    """The same object for all ticks that share it."""
    policies: PolicyDocument | None
    """The policies that it was decided under, as the document they can be built from."""
    tick_text: bytes
    decision_text: bytes

    @property
    def snapshot(self) -> Snapshot:
        """Read the snapshot.

        Raises:
            SettingsError: another version wrote it, in words that this one does not know.
        """
        return tick_from_json(self.tick_text, self.site, f"tick of {self.at.isoformat()}")

    @property
    def decision(self) -> Decision:
        """Read the decision; errors as for the snapshot."""
        return decision_from_json(self.decision_text, f"decision of {self.at.isoformat()}")


def lines_of(snapshot: Snapshot, decision: Decision) -> bytes:
    """Write a tick as two lines of JSON, the site left out.

    Raises:
        ValueError: a number in it is not finite.
    """
    return tick_json(snapshot) + b"\n" + decision_json(decision)


def pack(context: Context, lines: bytes) -> bytes:
    """Compress a tick against its context's sample."""
    squeeze = zlib.compressobj(level=9, zdict=context.sample)
    return squeeze.compress(lines) + squeeze.flush()


def unpack(context: Context, body: bytes) -> bytes:
    """Restore a tick that was compressed against this context."""
    stretch = zlib.decompressobj(zdict=context.sample)
    return stretch.decompress(body) + stretch.flush()


def recorded(opened: Opened, at: datetime, digest: str, body: bytes) -> RecordedTick:
    """Open a row."""
    tick_text, _, decision_text = unpack(opened.context, body).partition(b"\n")
    return RecordedTick(
        at=at,
        digest=digest,
        site=opened.site,
        policies=opened.policies,
        tick_text=tick_text,
        decision_text=decision_text,
    )
