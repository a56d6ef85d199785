"""Who takes part in an incident: the files, or the components that share one."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.diagnosis.component_names import name_of_file
from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.trouble import Trouble, trouble_among
from services.logs.service_names import service_of

# A file whose lines are by several services to so large a part is a merged one.
_NAMED_SHARE = 0.7
_MAX_PARTICIPANTS = 60
_SAYS_NOTHING = frozenset({"log", "app", "application", "service", "server", "output", "stdout", "stderr", "console"})


@dataclass(frozen=True, slots=True)
class Participant:
    """One service: a file of its own, or the lines of one component in a shared file. counts: its lines by bin."""

    name: str
    scene: FileScene
    kinds: Sequence[Kind]
    counts: Sequence[int]
    trouble: Trouble | None
    is_whole_file: bool

    @property
    def logged_second(self) -> int | None:
        """When its trouble began, as its own lines have it."""
        return self.trouble.second if self.trouble else None

    @property
    def begin_second(self) -> int | None:
        """When its trouble began, by one clock for all files."""
        second = self.logged_second
        return second - self.scene.ahead_seconds if second is not None else None


def participants_of(files: Sequence[FileScene]) -> Sequence[Participant]:
    """All participants; a file is told apart into components where these are named like services."""
    found = [participant for scene in files if scene.is_service for participant in _of_file(scene)]
    return found[:_MAX_PARTICIPANTS]


def _of_file(scene: FileScene) -> list[Participant]:
    by_name: dict[str, list[Kind]] = defaultdict(list)
    for kind in scene.kinds:
        if name := service_of(kind.component):
            by_name[name].append(kind)
    lines = {name: sum(kind.count for kind in kinds) for name, kinds in by_name.items()}
    is_named = sum(lines.values()) > _NAMED_SHARE * scene.scan.line_count
    if len(by_name) > 1 and is_named:
        names = sorted(by_name, key=lambda name: (-lines[name], name))
        return [_participant(name, scene, by_name[name], is_whole_file=False) for name in names]
    return [_participant(_name(scene, by_name if is_named else ()), scene, scene.kinds, is_whole_file=True)]


def _name(scene: FileScene, components: Collection[str]) -> str:
    """The file's name, unless it says no more than that it is a log."""
    name = name_of_file(scene.scan.name)
    only = next(iter(components)) if len(components) == 1 else None
    return only if only and name.lower() in _SAYS_NOTHING else name


def _participant(name: str, scene: FileScene, kinds: Sequence[Kind], *, is_whole_file: bool) -> Participant:
    counts = scene.rates.total if is_whole_file else scene.counts_of(kinds)
    return Participant(name, scene, kinds, counts, trouble_among(scene, kinds), is_whole_file)
