"""The whole product on one machine, for the demo and for scenario tests: every process real, nothing mocked."""

import os
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from app import migrate, redis_server
from app.community import furnish_station, let_everybody_in, seed_community
from app.desk.passwords import fresh
from app.ports import http_ready, tcp_ready
from app.runtime import Runtime, bootstrap
from app.settings import Settings, load_settings
from app.supervisor import Program, Supervisor
from ivr.exchange.client import ExchangeClient

PROCESSES = ("web", "gateway", "worker", "clock", "exchange")
ROUND_THE_CLOCK = "00:00-24:00"


@dataclass(frozen=True)
class Ports:
    """Ports on loopback."""

    web: int
    gateway: int
    exchange: int


class Stage:
    """Starts database, Redis and the processes on entering, and leaves none behind.

    `environment` overrides the settings that a stage makes for itself: fresh secrets, the local exchange as carrier,
    calling and texting hours round the clock.
    """

    def __init__(
        self,
        data_dir: Path,
        ports: Ports,
        *,
        environment: Mapping[str, str] | None = None,
        redis_url: str = "",
    ) -> None:
        self.data_dir, self.ports = data_dir.resolve(), ports
        self._redis_url = redis_url
        self._overrides = dict(environment or {})
        self.password = fresh()  # of everybody in the fictional community, for the console; made for this run
        self._stack = ExitStack()
        self.supervisor = Supervisor(self.data_dir / "logs")
        self.environment: dict[str, str] = {}
        self.runtime: Runtime
        self.exchange: ExchangeClient

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            supervisor = undo.enter_context(self.supervisor)
            redis = None if self._redis_url else redis_server.plan(self.data_dir)
            self.environment = self._make_environment(self._redis_url or (redis.url if redis else ""))
            self.runtime = bootstrap(load_settings(self.environment))
            undo.callback(self.runtime.close)
            migrate.upgrade(self.runtime.db.engine)
            with self.runtime.db.transaction() as session:
                seed_community(session, hotline_number=self.settings.hotline_number, now=self.runtime.now())
                furnish_station(session, now=self.runtime.now())
                let_everybody_in(session, self.password)
            if redis:
                supervisor.start(redis.program)
            for name in PROCESSES:
                supervisor.start(self.program(name))
            self.exchange = ExchangeClient(f"http://127.0.0.1:{self.ports.exchange}")
            self._stack = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def settings(self) -> Settings:
        return self.runtime.settings

    def _make_environment(self, redis_url: str) -> dict[str, str]:
        ports = self.ports
        made = {
            "DATA_DIR": str(self.data_dir),
            "REDIS_URL": redis_url,
            "ENCRYPTION_KEY": self._kept_secret("encryption"),
            "SECRET_KEY": secrets.token_hex(32),
            "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
            "TWILIO_BASE_URL": f"http://127.0.0.1:{ports.exchange}",
            "CARRIER": "local",
            "PUBLIC_URL": f"http://127.0.0.1:{ports.web}",
            "MEDIA_URL": f"ws://127.0.0.1:{ports.gateway}/media",
            "WEB_BIND": f"127.0.0.1:{ports.web}",
            "GATEWAY_BIND": f"127.0.0.1:{ports.gateway}",
            "EXCHANGE_BIND": f"127.0.0.1:{ports.exchange}",
            "CALLING_HOURS": ROUND_THE_CLOCK,
            "TEXT_HOURS": ROUND_THE_CLOCK,
            "DEMO_VOICE": "true",
        }
        return {f"JIACHANG_{key}": value for key, value in made.items()} | self._overrides

    def _kept_secret(self, name: str) -> str:
        """Made once a data directory: without it, what an earlier run encrypted could not be read."""
        path = self.data_dir / f"{name}.key"
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        return path.read_text(encoding="ascii").strip()

    def program(self, name: str) -> Program:
        """The process of this name, as the supervisor starts it."""
        command: Sequence[str] = (sys.executable, "-m", "app", "serve" if name == "web" else name)
        ready: dict[str, Callable[[], bool]] = {
            "web": http_ready(f"http://127.0.0.1:{self.ports.web}/healthz"),
            "gateway": tcp_ready(self.ports.gateway),
            "exchange": tcp_ready(self.ports.exchange),
        }
        return Program(name, command, env=self.environment, ready=ready.get(name), ready_timeout=60)
