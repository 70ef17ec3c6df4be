"""The relays that are attacked, and how each is set up."""

from __future__ import annotations

from dataclasses import dataclass

from loopback.build import BENCH
from loopback.relays import RELAYS, RelayKind

__all__ = ["CONFIGURATIONS", "QUICK", "Configuration"]


@dataclass(frozen=True)
class Configuration:
    """One relay with one set of options."""

    name: str
    title: str
    how: str
    kind: RelayKind
    script: str
    options: tuple[str, ...]

    def words(self) -> list[str]:
        """What follows the interpreter on the command line."""
        return [str(BENCH / "peers" / self.script), *self.options]


def _rtpcore(profile: str) -> Configuration:
    name = f"rtpcore-{profile}"
    how = f'`LatchPolicy("{profile}")`'
    return Configuration(
        name, f"rtpcore {profile}", how, RELAYS["rtpcore"], "rtpcore_calls.py", (f"--profile={profile}",)
    )


def _rtpengine(learning: str, flag: str = "") -> Configuration:
    short = {"strict-source": "strict", "media-handover": "handover"}.get(flag, "")
    how = f"`endpoint-learning = {learning}`" + (f", flag `{flag}`" if flag else "")
    return Configuration(
        f"rtpengine-{learning}" + (f"-{short}" if short else ""),
        f"rtpengine {learning}" + (f", {flag}" if flag else ""),
        how,
        RELAYS["rtpengine"],
        "rtpengine_calls.py",
        (f"--learning={learning}", f"--flags={flag}"),
    )


def _rtpio(modifiers: str = "") -> Configuration:
    name = "rtpio" + ("-asymmetric" if modifiers else "")
    title = "rtp.io" + (" asymmetric" if modifiers else "")
    how = f"modifier `{modifiers}`" if modifiers else "its defaults"
    return Configuration(name, title, how, RELAYS["rtpio"], "rtpio_calls.py", (f"--modifiers={modifiers}",))


CONFIGURATIONS = {
    configuration.name: configuration
    for configuration in (
        _rtpcore("guarded"),
        _rtpcore("strict"),
        _rtpcore("mobile"),
        _rtpengine("delayed"),
        _rtpengine("delayed", "strict-source"),
        _rtpengine("delayed", "media-handover"),
        _rtpengine("heuristic"),
        _rtpengine("heuristic", "strict-source"),
        _rtpengine("immediate"),
        _rtpengine("immediate", "strict-source"),
        _rtpengine("off"),
        _rtpengine("off", "strict-source"),
        _rtpio(),
        _rtpio("A"),
    )
}
QUICK = ("rtpcore-guarded", "rtpengine-delayed", "rtpengine-heuristic-strict", "rtpio")
