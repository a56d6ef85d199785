"""compose.yaml and the Dockerfile, held against the program: there is no Docker where the tests run."""

import re
import shlex
import subprocess
from urllib.parse import urlsplit

import click
import httpx
import pytest
import yaml

from bot.cli import main
from bot.doctor.examination import CHECKS
from bot.settings import Settings, environment_name
from tests.support.running_bot import api_client, settings_for
from tests.support.s3 import running_s3
from tests.test_repository import ROOT, tracked_files

SECRETS = {"POSTGRES_PASSWORD": "s3cret", "STORE_SECRET_KEY": "fake-secret-key"}
OURS = ("web", "worker", "migrate")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(filled_in((ROOT / "compose.yaml").read_text()))


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def filled_in(text):
    """What compose does with ${NAME:?sentence} and $$, given the secrets."""
    return re.sub(r"\$\{(\w+):\?[^}]+\}", lambda name: SECRETS[name[1]], text).replace("$$", "$")


@pytest.fixture(scope="module")
def dockerfile():
    return (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()


def settings_from(environment) -> Settings:
    fields = {environment_name(field): field for field in Settings.model_fields}
    return Settings(_env_file=None, **{fields[name]: value for name, value in environment.items() if name in fields})


@pytest.mark.parametrize("name", OURS)
def test_the_commands_are_ours_with_their_options(services, name):
    program, subcommand, *options = services[name]["command"]
    assert program == "triage"
    with click.Context(main) as context:
        command = main.get_command(context, subcommand)
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert set(options) <= known


@pytest.mark.parametrize("name", OURS)
def test_the_environment_is_read_by_us_or_by_the_store(services, name):
    ours = {environment_name(field) for field in Settings.model_fields}
    documented = re.findall(r"AWS_\w+", (ROOT / "docs" / "deployment.md").read_text())
    assert set(services[name]["environment"]) <= ours | set(documented)


def test_the_addresses_lead_to_the_services_with_their_credentials(services):
    environment = services["web"]["environment"]
    database, store = urlsplit(environment["DATABASE_URL"]), urlsplit(environment["AWS_ENDPOINT_URL"])
    postgres, gateway = services["postgres"]["environment"], services["store"]["environment"]
    assert services.keys() >= {database.hostname, store.hostname}
    assert (database.username, database.password, database.path[1:]) == (
        postgres["POSTGRES_USER"],
        postgres["POSTGRES_PASSWORD"],
        postgres["POSTGRES_DB"],
    )
    assert f":{store.port}" == gateway["VGW_PORT"]
    assert environment["AWS_ACCESS_KEY_ID"] == gateway["ROOT_ACCESS_KEY"]
    assert environment["AWS_SECRET_ACCESS_KEY"] == gateway["ROOT_SECRET_KEY"]
    assert environment["AWS_REGION"] == gateway["VGW_REGION"]


def test_the_settings_can_be_used(services):
    settings = settings_from(services["web"]["environment"])
    assert settings.database_url.startswith("postgresql://")
    assert settings.name_of_artifacts_setting == "TRIAGE_ARTIFACTS_URL"
    assert [f"127.0.0.1:{settings.port}:{settings.port}"] == services["web"]["ports"]


def test_what_is_waited_for_exists_and_says_when_it_is_ready(services):
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[needed], f"{name} waits for {needed}"
            else:
                assert how["condition"] == "service_completed_successfully"
                assert services[needed].get("restart", "no") == "no"


def test_every_volume_is_declared(compose, services):
    used = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])


@pytest.mark.asyncio
async def test_the_health_checks_ask_for_what_there_is(services, tmp_path, migrated_sqlite_url):
    settings = settings_from(services["web"]["environment"])
    ports = {"web": settings.port, "worker": settings.metrics_port}
    async with api_client(settings_for(tmp_path, migrated_sqlite_url), work=False) as client:
        for name, port in ports.items():
            asked = urlsplit(re.search(r"http://[^']+", services[name]["healthcheck"]["test"][-1])[0])
            assert asked.port == port
            assert (await client.get(asked.path)).status_code == 200


def test_the_bucket_is_made_and_making_it_again_is_no_failure(services):
    command = services["bucket"]["command"][0]
    bucket = urlsplit(services["web"]["environment"]["TRIAGE_ARTIFACTS_URL"]).hostname
    with running_s3() as s3:
        here = command.replace("http://store:7070", s3.endpoint)
        environment = {"PATH": "/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY": "fake-secret-key"}
        for _ in range(2):
            subprocess.run(["sh", "-c", here], check=True, env=environment, capture_output=True)
        assert f"<Name>{bucket}</Name>" in httpx.get(s3.endpoint).text


def test_the_image_holds_what_it_copies_and_runs_as_nobody_special(dockerfile):
    copied = [word for line in dockerfile if line.startswith("COPY ") for word in shlex.split(line)[1:-1]]
    tracked = {path.relative_to(ROOT).parts[0] for path in tracked_files()}
    assert set(copied) <= tracked
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == set(copied)
    assert any("--require-hashes -r requirements.lock" in line for line in dockerfile)
    assert [line for line in dockerfile if line.startswith("USER ")] == ["USER triage"]


def test_the_image_warms_what_it_will_run_where_it_may_write(dockerfile):
    user = dockerfile.index("USER triage")
    warming = next(place for place, line in enumerate(dockerfile) if line.endswith("-m services.logs.warm"))
    assert user < warming
    assert any("NUMBA_CACHE_DIR=/var/lib/triage/" in line for line in dockerfile[:user])


def test_the_image_has_every_package_that_is_installed(dockerfile):
    packages = re.search(r"^packages = (\[.*\])$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    copied = {line.split()[1] for line in dockerfile if line.startswith("COPY ") and len(line.split()) == 3}
    assert set(yaml.safe_load(packages)) <= copied


def test_the_documented_checks_of_the_doctor_are_those_there_are():
    table = (ROOT / "docs" / "deployment.md").read_text().split("| check |")[1].split("\n\n")[0]
    documented = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    assert documented == ["settings", *CHECKS]
