"""`jiachang demo`: everything on this machine, the story once, then open for visitors."""

import shutil
import sys
from pathlib import Path

import click

from app import log
from app.community import LOGINS, NUMBERS
from app.demo import Story, new_kiosk, play
from app.errors import BadInput
from app.lock import sole_user
from app.ports import claim_ports
from app.stage import Ports, Stage
from app.supervisor import stop_on_signals

_MARK = ".jiachang-demo"


@click.command()
@click.option("--port", envvar="PORT", default=8000, show_default=True, help="First of three ports in a row.")
@click.option(
    "--once", envvar="ONCE", is_flag=True, help="Play the story and end; exit 0 only if all of it held."
)
@click.option("--pace", default=1.0, show_default=True, help="Play the calls this many times faster.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Emptied at start.",
)
def demo(port: int, once: bool, pace: float, data_dir: Path) -> None:
    """Start everything, play the story of one call, and keep serving until Ctrl-C."""
    log.configure("WARNING")
    web, gateway, exchange = claim_ports(port, ("网页", "语音网关", "本地交换机"))
    try:
        with sole_user(data_dir), stop_on_signals():
            _fresh(data_dir)
            failed = _run(data_dir, Ports(web, gateway, exchange), once=once, pace=pace)
    except KeyboardInterrupt:
        click.echo("\n已停止，没有留下任何进程。")
        sys.exit(130)
    sys.exit(0 if failed == 0 else 1)


def _run(data_dir: Path, ports: Ports, *, once: bool, pace: float) -> int:
    """Play the story and, unless `once`, serve until interrupted; how many checks failed."""
    with Stage(data_dir, ports) as stage:
        click.echo("家常热线 · 演示。都在这台机器上，数据是虚构的，声音是合成的。")
        story = Story(stage, click.echo, pace)
        play(story)
        click.echo("")
        if not once:
            _addresses(stage)
            stage.supervisor.wait()
    click.echo(f"{story.passed} passed, {story.failed} failed")
    return story.failed


def _fresh(data_dir: Path) -> None:
    """Begin anew, but never empty a directory that the demo did not make."""
    if data_dir.exists() and any(data_dir.iterdir()):
        if not (data_dir / _MARK).exists():
            raise BadInput(f"{data_dir} 里有别的东西，演示不会清空它。请用 --data-dir 换一个目录。")
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / _MARK).touch()


def _addresses(stage: Stage) -> None:
    ports = stage.ports
    click.echo(f"网页进程　　http://127.0.0.1:{ports.web}/readyz")
    click.echo(f"语音网关　　ws://127.0.0.1:{ports.gateway}/media")
    click.echo(f"热线号码　　{stage.settings.hotline_number}")
    click.echo(f"日志和录音　{stage.data_dir}")
    click.echo("\n自己当一回居民：在浏览器里打开")
    click.echo(f"  打电话　　http://127.0.0.1:{ports.exchange}/phone　（麦克风或按键；热线也会打回来）")
    click.echo(f"  发短信　　http://127.0.0.1:{ports.exchange}/handset　（居民和网格员的手机摆在一起）")
    _, code = new_kiosk(stage)
    click.echo(f"  自助屏　　http://127.0.0.1:{ports.web}/kiosk/#code={code}　（半小时内打开；过了：见下）")
    click.echo("\n自己当一回工作人员：")
    click.echo(f"  工作台　　http://127.0.0.1:{ports.web}/staff/")
    click.echo(f"  密码　　　{stage.password.text}　（所有人都用它，只在这次演示里有效）")
    for login, who in LOGINS:
        click.echo(f"  登录名　　{login:<10}{who}")
    click.echo("\n或者在另一个窗口试试：")
    variables = " ".join(f"{k}='{v}'" for k, v in sorted(stage.environment.items()))
    script = stage.data_dir / "env.sh"
    script.write_text(f"export {variables}\n", encoding="utf-8")
    script.chmod(0o600)
    click.echo(f"  . {script}")
    click.echo(f"  .venv/bin/jiachang text --from {NUMBERS.li} 5栋楼道灯坏了")
    click.echo("  .venv/bin/jiachang ticket list")
    click.echo("  .venv/bin/jiachang kiosk add A　　　（再要一个自助屏的编码）")
    click.echo("按 Ctrl-C 结束。")
