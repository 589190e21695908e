"""The long-running processes: web, gateway, worker, clock, local exchange."""

import asyncio
from collections.abc import Callable
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger

from app import log
from app.community import PEOPLE
from app.errors import SettingsError
from app.factory import create_app
from app.runtime import bootstrap
from app.settings import Settings, load_settings


class WebLog(Logger):  # type: ignore[misc]
    """gunicorn's lines through our handler: its own would write a traceback with everything that is in it."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Web(BaseApplication):  # type: ignore[misc]
    """gunicorn with settings instead of a configuration file; the application is made in each worker."""

    def __init__(self, settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
        self._settings, self._make_app = settings, make_app
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._settings.web_bind,
            "workers": self._settings.web_workers,
            "worker_class": "gthread",
            "threads": self._settings.web_threads,
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "logger_class": WebLog,
            "proc_name": "jiachang-web",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make_app(self._settings)


def _settings() -> Settings:
    settings = load_settings()
    log.configure(settings.log_level)
    return settings


@click.command()
def serve() -> None:
    """The web process: webhooks of the carrier and health."""
    settings = _settings()
    if settings.web_workers > 1 and settings.db_url.startswith("sqlite"):
        raise SettingsError(
            "JIACHANG_WEB_WORKERS: SQLite 只能用 1 个网页进程（线程可以多），或改用 PostgreSQL"
        )
    bootstrap(settings).close()  # a wrong setting should be said here, not in a dying child
    Web(settings, lambda settings: create_app(bootstrap(settings, background_push=True))).run()


@click.command()
def gateway() -> None:
    """The media gateway: hears callers on the carrier's audio streams."""
    from ivr import gateway as media

    runtime = bootstrap(_settings())
    try:
        asyncio.run(media.run(runtime, media.load_engine(runtime)))
    finally:
        runtime.close()


@click.command()
def worker() -> None:
    """The worker: dispatches, texts, rings, transcribes."""
    from app.jobs.worker import run_worker

    run_worker(_settings())


@click.command()
def clock() -> None:
    """The clock: makes sure that nothing is forgotten. Run one; a second one waits."""
    from app.jobs.clock import run_clock

    run_clock(_settings())


@click.command()
def exchange() -> None:
    """The local exchange: a telephone network on this machine, for demo, development and tests."""
    from ivr.exchange.config import Contact, ExchangeConfig
    from ivr.exchange.server import run

    settings = _settings()
    run(
        ExchangeConfig(
            bind=settings.exchange_bind,
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            public_url=settings.public_url,
            hotline_number=settings.hotline_number,
            directory=tuple(Contact(*person) for person in PEOPLE),
        )
    )
