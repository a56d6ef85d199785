import asyncio

import pytest
import pytest_asyncio

from services.artifacts.store import ArtifactStore
from services.jobs.dbos_jobs import DbosJobs
from services.logs.limits import ReadLimits
from services.triage.analysis_pool import AnalysisPool
from services.triage.pipeline import TriagePipeline
from tests.services.triage.uploads import Case, Shelf, open_incident


@pytest.fixture
def store(tmp_path):
    return ArtifactStore(f"file://{tmp_path / 'artifacts'}")


@pytest_asyncio.fixture
async def jobs(database):
    """Takes jobs in and works on none: a test does what the job would."""
    jobs = DbosJobs(database, concurrency=1)
    await jobs.start(work=False)
    yield jobs
    await jobs.stop()


@pytest.fixture(scope="session")
def pool():
    pool = AnalysisPool(processes=1, timeout_seconds=60, limits=ReadLimits())
    asyncio.run(pool.warm())
    yield pool
    asyncio.run(pool.close())


@pytest_asyncio.fixture
async def incident(database):
    return await open_incident(database)


@pytest.fixture
def case(database, store, pool, jobs, incident):
    shelf = Shelf()
    pipeline = TriagePipeline(
        database=database, store=store, source=shelf, pool=pool, jobs=jobs, max_upload_bytes=1_000_000
    )
    return Case(database, pipeline, jobs, shelf, incident)
