"""Is the process alive, and is the service ready? `/readyz` and `doctor` ask the same questions."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app import migrate
from app.desk.leases import last_beat
from app.errors import SpeechModelError
from app.runtime import Runtime
from models.category import Category
from models.housekeeping import Lease
from models.unit import Unit
from speech.model_files import inspect

_SAFE_SQLITE = (3, 51, 3)  # before it, WAL with two connections can corrupt the file
_CLOCK_SILENT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: `ready` False means that requests would be lost; `ok` False that something needs mending."""

    name: str
    ok: bool
    ready: bool
    says: str
    remedy: str = ""


def findings(runtime: Runtime) -> Iterator[Finding]:
    """Ask everything; never raises."""
    yield _writable(runtime)
    yield _schema(runtime)
    if runtime.db.engine.dialect.name == "sqlite":
        yield _sqlite_version(runtime)
    yield _disk(runtime)
    yield _redis(runtime)
    yield _model(runtime)
    yield _clock(runtime)
    yield _community(runtime)


def _writable(runtime: Runtime) -> Finding:
    try:
        with runtime.db.transaction() as session:
            session.execute(delete(Lease).where(Lease.name == "write_probe"))
            now = runtime.now()
            session.add(Lease(name="write_probe", holder="readyz", until=now, beat_at=now))
    except SQLAlchemyError as error:
        return Finding(
            "database",
            False,
            False,
            f"数据库写不进去（{type(error).__name__}）",
            "看看数据库在不在、磁盘满没满；第一次使用请先运行 jiachang migrate",
        )
    return Finding("database", True, True, "数据库可以写入")


def _schema(runtime: Runtime) -> Finding:
    try:
        found = migrate.current(runtime.db.engine)
    except SQLAlchemyError:
        found = None
    wanted = migrate.head()
    if found == wanted:
        return Finding("schema", True, True, f"数据库结构是最新的（{wanted}）")
    return Finding(
        "schema", False, False, f"数据库结构是 {found or '空的'}，程序需要 {wanted}", "运行 jiachang migrate"
    )


def _sqlite_version(runtime: Runtime) -> Finding:
    with runtime.db.engine.connect() as connection:
        version = str(connection.execute(text("SELECT sqlite_version()")).scalar_one())
    if tuple(int(part) for part in version.split(".")) >= _SAFE_SQLITE:
        return Finding("sqlite", True, True, f"SQLite {version}，安全")
    return Finding(
        "sqlite",
        False,
        True,
        f"SQLite {version} 有可能损坏文件的缺陷",
        "安装 pysqlite3（随依赖一起装），或改用 PostgreSQL",
    )


def _disk(runtime: Runtime) -> Finding:
    usage = shutil.disk_usage(runtime.settings.data_dir)
    free = usage.free / usage.total
    if free > 0.1:
        return Finding("disk", True, True, f"磁盘剩余 {free:.0%}")
    return Finding("disk", False, free > 0.01, f"磁盘只剩 {free:.1%}", "清理磁盘，或把数据目录移到更大的盘")


def _redis(runtime: Runtime) -> Finding:
    if runtime.queue.reachable():
        return Finding("redis", True, True, "Redis 正常")
    return Finding(
        "redis",
        False,
        True,
        "连不上 Redis：服务继续，只是慢一些（由时钟进程代办）",
        "启动 redis-server，核对 JIACHANG_REDIS_URL",
    )


def _model(runtime: Runtime) -> Finding:
    try:
        inspect(runtime.settings.speech_model)
    except SpeechModelError as error:
        return Finding(
            "model",
            False,
            True,
            f"语音模型不能用：{error}",
            "核对 JIACHANG_SPEECH_MODEL；在修好之前，电话改用按键和录音",
        )
    return Finding("model", True, True, "语音模型在位")


def _clock(runtime: Runtime) -> Finding:
    try:
        with runtime.db.transaction(read_only=True) as session:
            beat = last_beat(session, "clock")
    except SQLAlchemyError:
        beat = None
    age = None if beat is None else runtime.now() - beat
    if age is not None and age < _CLOCK_SILENT:
        return Finding("clock", True, True, f"时钟进程 {age.total_seconds():.0f} 秒前还在")
    said = "时钟进程从没运行过" if age is None else f"时钟进程已有 {age.total_seconds():.0f} 秒没有动静"
    return Finding("clock", False, True, said, "启动 jiachang clock：没有它，回访和催办都不会发生")


def _community(runtime: Runtime) -> Finding:
    """Without categories no matter can be filed; without units nobody can be sent."""
    try:
        with runtime.db.transaction(read_only=True) as session:
            categories = session.scalar(select(func.count(Category.code))) or 0
            units = session.scalar(select(func.count(Unit.id))) or 0
    except SQLAlchemyError:
        categories = units = 0
    if not categories:
        return Finding("community", False, False, "六个类别还没有登记", "运行 jiachang migrate")
    if not units:
        return Finding(
            "community",
            False,
            True,
            "还没有登记社区和楼栋",
            "运行 jiachang unit add（见 docs/deployment.md）",
        )
    return Finding("community", True, True, f"登记了 {units} 个单位")
