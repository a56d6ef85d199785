"""Rules about the repository itself: what may be tracked, what the lock pins, and that the documentation tells the truth."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
MAX_TRACKED_BYTES = 1_000_000
# Joined here, so that this file does not name them either.
REGISTRY_HOSTS = [
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("proxy", "golang"),
        ("crates", "io"),
    )
]
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:(?:home|Users)/\w+|root/[\w.]|work/\w)|[A-Z]:\\Users\\\w+")
LOG_READERS = ("analyze", "templates")


@cache
def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], check=True, cwd=ROOT, capture_output=True, text=True
    )
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def tracked_lines():
    """(where, line) of every tracked text file."""
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
                yield f"{path.relative_to(ROOT)}:{number}", line


def test_no_file_names_a_package_registry():
    assert [where for where, line in tracked_lines() if any(host in line for host in REGISTRY_HOSTS)] == []


def test_no_file_names_a_path_of_somebodys_machine():
    assert [(where, line.strip()) for where, line in tracked_lines() if MACHINE_PATH.search(line)] == []


def test_the_rule_about_paths_knows_them_when_it_sees_them():
    named = ["see /" + "home/ann/src", "open('/" + "Users/ann')", "/" + "root/.venv", "C:\\" + "Users\\ann"]
    assert all(MACHINE_PATH.search(line) for line in named)
    harmless = ["GET https://shop.example/home/page", "$DIR/work/x", "/homework", "/api/users/7"]
    assert not any(MACHINE_PATH.search(line) for line in harmless)


def test_no_tracked_file_is_large():
    assert [path.name for path in tracked_files() if path.stat().st_size > MAX_TRACKED_BYTES] == []


@cache
def locked() -> dict[str, tuple[str, str]]:
    """The stanzas of what is locked for all, then for the benchmarks: name -> (version, the stanza's text)."""
    text = "".join((ROOT / folder / "requirements.lock").read_text() for folder in ("", "benchmarks"))
    stanzas = re.findall(r"^([\w.-]+)==([^ ;\\]+)(.*?)(?=^[\w.-]+==|\Z)", text, re.MULTILINE | re.DOTALL)
    return {canonicalize_name(name): (version, rest) for name, version, rest in stanzas}


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["project"]["optional-dependencies"] | project["dependency-groups"]
    extras = [line for lines in groups.values() for line in lines]
    return [
        Requirement(line) for line in project["project"]["dependencies"] + project["build-system"]["requires"] + extras
    ]


def test_every_locked_requirement_is_pinned_by_hash():
    assert locked()
    assert [name for name, (_, stanza) in locked().items() if "--hash=sha256:" not in stanza] == []


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_the_lock_satisfies_what_is_declared(requirement):
    version, _ = locked()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version, prereleases=True)


def documents() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".md"]


def quoted_commands() -> list[tuple[str, list[str]]]:
    """(where, words) of each `make`, `triage` and `python -m` command in a code block or between backticks."""
    return [
        (f"{path.relative_to(ROOT)}: {line}", words)
        for path in documents()
        for line in _code(path.read_text())
        if (words := _command_words(line))
    ]


def _code(text: str) -> list[str]:
    """The lines of the fenced blocks, continuations joined, and what stands between single backticks."""
    fence = re.compile(r"^ *(```+)[^\n]*\n(.*?)^ *\1", re.MULTILINE | re.DOTALL)
    blocks = [block.replace("\\\n", " ") for _, block in fence.findall(text)]
    inline = re.findall(r"`([^`\n]+)`", fence.sub("", text))
    return [line.strip() for block in blocks for line in block.splitlines()] + inline


def _command_words(line: str) -> list[str]:
    try:
        words = shlex.split(line.removeprefix("$ "), comments=True)
    except ValueError:  # prose or another language
        return []
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    if not words or Path(words[0]).name not in ("make", "triage", "python"):
        return []
    return [Path(words[0]).name, *words[1:]]


def _of(program: str) -> list[tuple[str, list[str]]]:
    return [(where, words[1:]) for where, words in quoted_commands() if words[0] == program]


def test_commands_are_found_in_documents():
    text = "Type `make demo`.\n```sh\n$ triage analyze \\\n  --format json a.log  # reads it\nA=1 python -m b\n```\nIt's `x`.\n"
    assert [words for line in _code(text) if (words := _command_words(line))] == [
        ["triage", "analyze", "--format", "json", "a.log"],
        ["python", "-m", "b"],
        ["make", "demo"],
    ]


def make_targets() -> list[str]:
    return re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()


def test_every_make_target_that_is_quoted_exists():
    quoted = [(where, word) for where, words in _of("make") for word in words if re.fullmatch(r"[a-z][\w-]*", word)]
    assert [where for where, target in quoted if target not in make_targets()] == []


def test_make_help_names_every_target():
    printed = subprocess.run(["make", "-s", "help"], check=True, cwd=ROOT, capture_output=True, text=True).stdout
    assert set(re.findall(r"^make (\w+)", printed, re.MULTILINE)) == set(make_targets()) - {"help"}


def test_every_python_module_that_is_quoted_can_be_run():
    quoted = [(where, words[1]) for where, words in _of("python") if words[:1] == ["-m"]]
    assert [where for where, module in quoted if importlib.util.find_spec(module) is None] == []


def triage(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    program = Path(sys.executable).with_name("triage")
    return subprocess.run([program, *words], check=False, cwd=folder, capture_output=True, text=True, timeout=60)


@cache
def help_of(*subcommands: str) -> str:
    answer = triage(*subcommands, "--help")
    assert answer.returncode == 0, f"triage {' '.join(subcommands)} --help: {answer.stderr}"
    return answer.stdout


def path_of(words: list[str]) -> list[str]:
    """The subcommand, and the one below it where it is a group."""
    is_group = "COMMAND [ARGS]" in help_of(words[0])
    return words[:2] if is_group else words[:1]


def test_every_triage_command_that_is_quoted_exists_with_its_options():
    quoted = [(where, words) for where, words in _of("triage") if words and re.fullmatch(r"[a-z][\w-]*", words[0])]
    unknown = [
        (where, word)
        for where, words in quoted
        for word in words[1:]
        if word.startswith("--") and word.partition("=")[0] not in help_of(*path_of(words))
    ]
    assert unknown == []
    assert all(help_of(words[0]) for _, words in quoted)


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    subprocess.run([sys.executable, "-m", "sandbox.samples", folder], check=True, cwd=ROOT, capture_output=True)
    return folder


def test_quoted_commands_that_read_the_sample_logs_work(sample_folder):
    """Those of `triage analyze` and `triage templates` whose files are all samples run as they are written."""
    for where, words in _of("triage"):
        files = [word for word in words[1:] if word.endswith(".log")]
        if words[:1] and words[0] in LOG_READERS and files and all((sample_folder / name).exists() for name in files):
            answer = triage(*before_any_pipe(words), folder=sample_folder)
            assert answer.returncode == 0, f"{where}: {answer.stderr}"
            assert answer.stdout, where


def before_any_pipe(words: list[str]) -> list[str]:
    ends = [position for position, word in enumerate(words) if word in ("|", ">", "&&")]
    return words[: min(ends, default=len(words))]


def settings_names() -> set[str]:
    """The environment names that bot/settings.py reads; none while it is not written."""
    if not (ROOT / "bot" / "settings.py").exists():
        return set()
    from bot.settings import Settings

    prefix = Settings.model_config.get("env_prefix", "")
    return {_environment_name(name, field, prefix) for name, field in Settings.model_fields.items()}


def _environment_name(name, field, prefix) -> str:
    alias = field.validation_alias
    chosen = alias if isinstance(alias, str) else alias.choices[0] if alias else prefix + name
    return str(chosen).upper()


def example_names() -> set[str]:
    """The names in .env.example, commented out or not."""
    example = ROOT / ".env.example"
    text = example.read_text() if example.exists() else ""
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def documented_names() -> set[str]:
    return {
        name
        for path in documents()
        for code in _code(path.read_text())
        for name in re.findall(r"[A-Z][A-Z0-9_]+", code)
    }


def test_settings_and_the_example_name_the_same_environment():
    assert example_names() == settings_names()


def test_every_setting_is_documented():
    assert settings_names() - documented_names() == set()


def test_every_setting_that_is_documented_is_read():
    ours = {name for name in documented_names() if name.startswith("TRIAGE_") and not name.startswith("TRIAGE_TEST_")}
    assert ours - settings_names() == set()


def test_ci_runs_what_people_run():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert [line for line in script.read_text().splitlines() if line.startswith("make ")] == ["make check", "make test"]
