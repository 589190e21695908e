"""Every job has a function, and every job has a sweeper that finds what was lost."""

from pathlib import Path

from app.jobs.registry import JOBS
from app.jobs.schedule import SCHEDULE
from app.queue import JobName
from tests.support.office import open_office


def test_every_job_has_a_function() -> None:
    assert set(JOBS) == set(JobName)


def test_every_job_has_a_sweeper() -> None:
    assert set().union(*(line.feeds for line in SCHEDULE)) == set(JobName)


def test_every_sweeper_is_a_line_of_its_own() -> None:
    assert len({line.name for line in SCHEDULE}) == len(SCHEDULE)
    assert all(
        line.seconds <= 60 for line in SCHEDULE if line.name != "seal_audit"
    )  # nobody waits for a seal


def test_sweepers_of_a_quiet_office_find_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with open_office(sqlite_url, tmp_path / "data") as office:
        assert [list(line.sweep(office.runtime)) for line in SCHEDULE] == [[] for _ in SCHEDULE]
