"""What the detectors of signals see, and what they hand back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.diagnosis.detectors.base import View
from services.diagnosis.file_scene import FileScene, Kind, file_scene
from services.diagnosis.findings import LineRef, SeriesChange
from services.diagnosis.participants import Participant, participants_of
from services.logs.scan import FileScan
from services.logs.service_names import service_of

MAX_STRENGTH = 6.0
# How loud the trouble is says that it is there, not where it comes from: of what only counts it, this share.
LOUDNESS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that happened, seen in how lines run over time, files and components, not in one line's words.

    kind: the detector's name for it. ref: the most telling line. strength: 0..6, comparable over kinds: roughly
    log2 of how many times more (or longer, or oftener) than usual; below 1 hardly worth a mention, 2 is four-fold,
    beyond 4 there is no doubt that it happened. What only says how loud the trouble is counts half. second: epoch,
    when it began, None in logs without times. summary: the numbers before and after, and the window. component:
    whose line it is; blames: another component that it names as the one at fault.
    """

    kind: str
    ref: LineRef
    strength: float
    second: int | None
    title: str
    summary: str
    context: tuple[LineRef, ...] = ()
    component: str | None = None
    blames: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """All files of one diagnosis, who takes part, and the numbers that moved. baseline: a good run's scan."""

    files: Sequence[FileScene]
    participants: Sequence[Participant]
    series: Sequence[SeriesChange]
    baseline: FileScan | None = None

    @property
    def services(self) -> Iterator[FileScene]:
        """The files that are no builds."""
        return (scene for scene in self.files if scene.is_service)

    @property
    def in_trouble(self) -> list[Participant]:
        """The participants that were in trouble, the first to be so first; those without times last."""
        troubled = [participant for participant in self.participants if participant.trouble]
        return sorted(troubled, key=lambda participant: participant.begin_second or 1 << 32)

    def owner(self, file: FileScene, kind: Kind) -> str | None:
        """The service whose lines these are: where files are services the file's name, not that of a class in it."""
        for one in self.participants:
            if one.scene is file and one.is_whole_file:
                return one.name if len(self.files) > 1 else kind.component
            if one.scene is file and one.name == service_of(kind.component):
                return one.name
        return kind.component


SignalDetector = Callable[[Scene], list[Signal]]


def scene_of(view: View, *, baseline: FileScan | None = None) -> Scene:
    """Take all files apart, each in one pass over its lines."""
    files = [
        file_scene(file, ranking, ahead_seconds=view.clocks.ahead_seconds(file))
        for file, ranking in enumerate(view.rankings)
        if ranking
    ]
    return Scene(files, participants_of(files), view.series, baseline)


def at(second: int | None) -> str:
    """The moment as sentences end with it; nothing where there is no time."""
    return f" at {datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S} UTC" if second else ""
