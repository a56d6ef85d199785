"""What somebody, or something, changed just before the trouble began: most incidents follow a change."""

import math
from collections.abc import Iterator
from functools import lru_cache

from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.gated_patterns import PatternTable, Wording, either, gated
from services.diagnosis.rates import BINS
from services.diagnosis.scene import Scene, Signal, at

# A change told more often than that is what the system does all day.
_MAX_TIMES = 6
_MAX_SHARE = 0.001
_NEAR_SECONDS = 600
# Most of what a change breaks breaks within two minutes.
_FADES_SECONDS = 120
# Clocks of two hosts differ by so much without anybody's notice.
_SKEW_SECONDS = 5
# At the beginning of a log everything starts.
_OPENING_SHARE = 0.05
_MAX_SIGNALS = 4
_RARE_TIMES = 2

CHANGES = {
    "deploy": either(
        gated("deploy rollout rolled", r"(?i)\bdeploy(?:ed|ing|ment)\b|\broll(?:out|ed (?:out|back))\b"),
        gated("release upgrad version", r"(?i)\b(?:releas(?:ed|ing)|upgrad(?:ed|ing)|(?:new|running) version)\b"),
    ),
    "configuration": either(
        gated("reload sighup", r"(?i)\breload(?:ed|ing)?\b|\bsighup\b"),
        gated(
            "config setting",
            r"(?i)\b(?:config(?:uration|map)?|settings?)\b.{0,60}\b(?:changed?|updated?|appl(?:ied|ying)|set to|"
            r"overrid\w+)\b|\b(?:appl(?:ied|ying)|updated|new)\b.{0,30}\b(?:config(?:uration|map)?|settings?)\b",
        ),
        gated("flag toggle", r"(?i)\bfeature[ _-]?(?:flag|toggle)\b.{0,60}\b(?:on|off|enabled|disabled|set|changed)\b"),
        gated(
            "limit quota size timeout",
            r"(?i)\b(?:limit|quota|pool size|timeout)s?\b.{0,40}\b(?:changed|set|lowered|raised|reduced|increased)\b",
        ),
    ),
    "restart": either(
        gated("restart reboot respawn", r"(?i)\b(?:re-?start(?:ed|ing)?|reboot(?:ed|ing)?|respawn(?:ed|ing)?)\b"),
        gated("start boot", r"(?i)^\W*(?:\S+ )?(?:starting(?: up)?\b|started\b.{0,40}\bin <\*>|boot(?:ed|ing)\b)"),
        gated("shut sigterm terminat stopp", r"(?i)\bshutting down\b|\bsigterm\b|^\W*(?:terminating|stopping)\b"),
    ),
    "failover": either(
        gated("failover switchover fail-over", r"(?i)\b(?:fail-?over|switch-?over)\b"),
        gated("promot demot", r"(?i)\b(?:promot(?:ed|ing)|demot(?:ed|ing))\b"),
    ),
    "leader election": either(
        gated("elect", r"(?i)\b(?:elected|re-?elect\w*|election)\b"),
        gated(
            "leader primary master",
            r"(?i)\b(?:new|became|becoming|lost|losing|step(?:ped|ping) down(?: as)?)\b.{0,20}"
            r"\b(?:leader(?:ship)?|primary|master)\b|\bleadership (?:changed|transferred|lost)\b",
        ),
    ),
    "scaling": either(
        gated("scal", r"(?i)\b(?:auto-?)?scal(?:ed|ing|e)[ -](?:up|down|in|out|to|from)\b|\bauto-?scal\w+"),
        gated(
            "drain cordon evict rebalanc replica",
            r"(?i)\b(?:drain(?:ed|ing)|cordon(?:ed|ing)|evict(?:ed|ing)|rebalanc(?:ed|ing|e started))\b"
            r"|\breplicas?\b.{0,20}(?:->|\bfrom <\*> to\b|\b(?:changed|set) to\b)",
        ),
        gated("node member", r"(?i)\b(?:node|member)\b.{0,60}\b(?:added|removed|joined|left)\b"),
    ),
    "migration": either(
        gated("migrat", r"(?i)\bmigrat(?:ed|ing|ions?)\b"),
        gated("alter index schema", r"(?i)\b(?:alter table|(?:create|drop) index|schema (?:change|version|upgrade))\b"),
    ),
    "certificate": gated(
        "cert secret key credential token",
        r"(?i)\b(?:cert(?:ificate)?s?|secrets?|keys?|credentials?|tokens?)\b.{0,60}"
        r"\b(?:rotat(?:ed|ing|ion)|renew(?:ed|ing|al)|replaced|reissued|reloaded|revoked)\b|"
        r"\b(?:rotat(?:ed|ing)|renew(?:ed|ing)|revoked)\b.{0,30}\b(?:cert|secret|key|credential|token)",
    ),
    "maintenance": gated(
        "maintenance firewall iptables route policy",
        r"(?i)\bmaintenance (?:mode|window)\b|\b(?:firewall|iptables|route|network policy)\b.{0,40}"
        r"\b(?:added|removed|changed|updated|applied|reloaded)\b",
    ),
}
_TABLE = PatternTable(CHANGES)
# What starts, stops and moves by itself is more often a consequence than what somebody set.
_BY_ITSELF = frozenset({"restart", "failover", "leader election", "scaling"})


def change_events(scene: Scene) -> list[Signal]:
    """Rare lines that tell of a change in the ten minutes before the first trouble, the likeliest culprit first."""
    onset = _first_trouble_second(scene)
    return changes_before(scene, onset) if onset is not None else []


def changes_before(scene: Scene, onset: int) -> list[Signal]:
    """The same for any moment (epoch seconds, by the one clock of all files)."""
    begin = min((file.rates.clock.begin for file in scene.services if file.rates.clock.is_timed), default=None)
    if begin is None:
        return []
    told = [
        (file, kind, change) for file in scene.services if file.rates.clock.is_timed for kind, change in _changes(file)
    ]
    routine = {change for file, kind, change in told if _is_older(file, kind, onset)}
    signals = [
        signal
        for file, kind, change in told
        if (
            signal := _before(file, kind, change, scene.owner(file, kind), (begin, onset), is_routine=change in routine)
        )
    ]
    signals.sort(key=lambda signal: (-signal.strength, signal.ref))
    return signals[:_MAX_SIGNALS]


def _first_trouble_second(scene: Scene) -> int | None:
    """The earliest trouble, or number that left its level."""
    seconds = [one.begin_second for one in scene.in_trouble if one.begin_second]
    seconds += [int(change.change_at.timestamp()) for change in scene.series if change.change_at]
    return min(seconds, default=None)


def _changes(file: FileScene) -> Iterator[tuple[Kind, str]]:
    most = max(_MAX_TIMES, round(_MAX_SHARE * file.scan.line_count))
    for kind in file.kinds:
        if kind.count <= most and (change := change_named(file.scan.shapes[kind.shapes[0]].skeleton)):
            yield kind, change


@lru_cache(1 << 12)
def change_named(skeleton: str) -> str | None:
    """What kind of change the message tells of, if any."""
    names = _TABLE.names_in(Wording.of(skeleton[:400]))
    return next((name for name in CHANGES if name in names), None)


def _is_older(file: FileScene, kind: Kind, onset: int) -> bool:
    """Whether it is also told long before: then it goes without harm. Afterwards it may be told because of the trouble,
    as its end or its undoing.
    """
    second = file.second_of(kind.first_line)
    return second is not None and onset - (second - file.ahead_seconds) > _NEAR_SECONDS


def _before(
    file: FileScene, kind: Kind, change: str, owner: str | None, times: tuple[int, int], *, is_routine: bool
) -> Signal | None:
    begin, onset = times
    line, second = _last_before(file, kind, onset + file.ahead_seconds + _SKEW_SECONDS)
    if line is None or second is None:
        return None
    # The onset is told by the one clock of all files, the line by its own.
    lead, opening = onset + file.ahead_seconds - second, begin + _OPENING_SHARE * (file.rates.clock.end - begin)
    if lead > _NEAR_SECONDS or second < opening:
        return None
    return Signal(
        kind="change",
        ref=file.ref(line),
        strength=_strength(kind, change, max(0, lead), is_routine=is_routine),
        second=second,
        title=f"{change.capitalize()}{f' of {owner}' if owner else ''} just before the trouble began",
        summary=f"Told {'once' if kind.count == 1 else f'{kind.count} times'} in {file.scan.line_count:,} lines, here"
        f"{at(second)}, {max(0, lead)} s before the first trouble{at(onset)}.",
        component=owner,
    )


def _last_before(file: FileScene, kind: Kind, second: int) -> tuple[int | None, int | None]:
    """The last line of a kind up to a moment, as far as the bins' first lines tell, and its second."""
    lines = [kind.last_line, *(file.rates.first_line(kind.number, place) for place in reversed(range(BINS)))]
    for line in lines:
        if line is not None and (moment := file.second_of(line)) is not None and moment <= second:
            return line, moment
    return None, None


def _strength(kind: Kind, change: str, lead_seconds: int, *, is_routine: bool) -> float:
    """Up to two and a half for how near it is, one for being rare, half a one for being someone's doing; less one and a
    half where a change of that sort was made long before too.
    """
    nearness = 2.5 * math.exp(-lead_seconds / _FADES_SECONDS)
    strength = 0.5 + nearness + (kind.count <= _RARE_TIMES) + 0.5 * (change not in _BY_ITSELF)
    return max(0.0, strength - 1.5 * is_routine)
