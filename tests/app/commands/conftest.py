"""A terminal in a small town: commands as people type them, on a real database."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import cli
from app.community import seed_community
from app.desk.draft import Draft
from app.desk.tickets import open_ticket
from app.desk.understanding import understand
from app.errors import JiachangError
from app.runtime import Runtime, bootstrap
from app.settings import load_settings


@dataclass
class Terminal:
    runtime: Runtime
    environment: dict[str, str]

    def run(self, *words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, list(words), env=self.environment)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def fails(self, *words: str) -> str:
        """The sentence that `main()` prints when an error was made on purpose."""
        result = CliRunner().invoke(cli, list(words), env=self.environment)
        assert isinstance(result.exception, JiachangError), (result.output, result.exception)
        return str(result.exception)

    def ticket(self, **changes: Any) -> int:
        draft = Draft.from_understanding(
            understand("三栋二单元路灯不亮了"), channel="phone", occurred_at=self.runtime.now(), **changes
        )
        with self.runtime.db.transaction() as session:
            return open_ticket(session, self.runtime.desk, draft, now=self.runtime.now()).number


@pytest.fixture
def terminal(tmp_path: Path, redis_url: str) -> Iterator[Terminal]:
    environment = {
        "JIACHANG_DATA_DIR": str(tmp_path),
        "JIACHANG_REDIS_URL": redis_url,
        "JIACHANG_ENCRYPTION_KEY": "k" * 40,
        "JIACHANG_TWILIO_AUTH_TOKEN": "t" * 32,
    }
    terminal = Terminal(bootstrap(load_settings(environment)), environment)
    terminal.run("migrate")
    with terminal.runtime.db.transaction() as session:
        seed_community(
            session, hotline_number=terminal.runtime.settings.hotline_number, now=terminal.runtime.now()
        )
    yield terminal
    terminal.runtime.close()
