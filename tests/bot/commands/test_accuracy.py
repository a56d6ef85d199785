"""`triage accuracy`, as people run it: honest where there is nothing yet, a table, and JSON."""

import asyncio
import json

import pytest

from models.database import Database
from models.triage import Opinion
from services.triage.feedback import give_feedback
from tests.bot.commands.bot_process import triage
from tests.services.triage.uploads import add_findings, open_incident


async def with_judged_findings(url, *opinions):
    """One finding of the kind `lock` for each opinion, None for one that nobody judged."""
    database = Database(url)
    incident = await open_incident(database)
    for opinion in opinions:
        run = await add_findings(database, incident, "lock")
        async with database.write() as session:
            if opinion is not None:
                await give_feedback(session, run_id=run.id, opinion=opinion, user="U1")
            await session.commit()
    await database.close()


def accuracy(tmp_path, url, *words):
    run = triage("accuracy", *words, cwd=tmp_path, DATABASE_URL=url)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_nothing_yet_is_said(tmp_path, migrated_url):
    asyncio.run(with_judged_findings(migrated_url, None))
    said = accuracy(tmp_path, migrated_url)
    assert said == "Nobody has judged a finding yet: 1 finding had Right and Wrong buttons in Slack.\n"


def test_the_table_says_how_many_and_how_sure(tmp_path, migrated_url):
    asyncio.run(with_judged_findings(migrated_url, Opinion.RIGHT, Opinion.RIGHT, Opinion.WRONG, None))
    said = accuracy(tmp_path, migrated_url).splitlines()
    assert said[0].startswith("3 of 4 findings judged.")
    assert [line.split() for line in said[2:]] == [
        ["kind", "engine", "precision", "range", "right", "wrong", "split"],
        ["lock", "all", "67%", "21%", "to", "94%", "2", "1", "0"],
        ["0.1.0", "67%", "21%", "to", "94%", "2", "1", "0"],
        ["all", "kinds", "all", "67%", "21%", "to", "94%", "2", "1", "0"],
    ]


def test_json_says_the_same(tmp_path, migrated_url):
    asyncio.run(with_judged_findings(migrated_url, Opinion.RIGHT, Opinion.WRONG))
    told = json.loads(accuracy(tmp_path, migrated_url, "--format", "json"))
    (kind,) = told["kinds"]
    assert (told["shown"], kind["kind"], kind["precision"], kind["right"], kind["wrong"]) == (2, "lock", 0.5, 1, 1)
    assert [each["engine_version"] for each in kind["engine_versions"]] == ["0.1.0"]


def test_json_without_any_opinion_has_no_precision(tmp_path, migrated_url):
    told = json.loads(accuracy(tmp_path, migrated_url, "--format", "json"))
    assert told["kinds"] == []
    assert told["overall"]["precision"] is None


def test_a_database_that_was_never_migrated_is_one_sentence(tmp_path):
    run = triage("accuracy", cwd=tmp_path)
    assert run.returncode == 1
    assert (
        run.stderr == "Error: The database of DATABASE_URL is not at the newest schema: run `triage migrate` first.\n"
    )
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("url", ["postgresql://somebody:secret@127.0.0.1:9/triage", "mysql://x"])
def test_a_database_that_cannot_be_used_is_one_sentence(tmp_path, url):
    run = triage("accuracy", cwd=tmp_path, DATABASE_URL=url)
    assert run.returncode == 1
    assert run.stderr.startswith("Error: ")
    assert "secret" not in run.stderr
    assert "Traceback" not in run.stderr
