"""`jiachang learn train`: the learned weights made anew from phrases, our utterances and verified examples."""

import sys
from pathlib import Path

import click

from app.commands.administration import open_runtime
from app.commands.naming import actor_named
from app.desk import examples, learning, teaching
from app.errors import BadInput
from app.settings import load_settings
from speech.phrasebook import DIRECTORY, phrasebook, use
from speech.weights_file import NAME, write_weights
from speech.weights_training import Example


@click.command("train")
@click.option(
    "--into",
    "directory",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="Write there instead of into JIACHANG_PHRASES_DIR.",
)
@click.option("--by", "--as", "login", envvar="JIACHANG_LOGIN", help="Your login (jiachang user list).")
@click.option("--ours-only", is_flag=True, help="Without the verified examples of the database.")
@click.option("--force", is_flag=True, help="Keep the new weights even if they are worse.")
def learn_train(directory: Path | None, login: str | None, ours_only: bool, force: bool) -> None:
    """Learn from phrases, our utterances and what staff put right; says how much better it got."""
    community = load_settings().phrases_dir
    directory = directory or community
    if directory is None:
        raise BadInput("请用 JIACHANG_PHRASES_DIR 说明社区自己的说法放在哪个目录，或者用 --into 指定")
    if not ours_only and not login:
        raise BadInput("要用值班人更正过的样例，请加 --by 您的登录名；不用就加 --ours-only")
    use(community)
    book = phrasebook()
    said = [] if ours_only else _corrections(login or "")
    known = [*teaching.from_phrases(book), *teaching.from_tables(teaching.files()), *said]
    heard = [teaching.HEARD] if teaching.HEARD.is_file() else []
    sources = teaching.hashes([*teaching.files(), *heard, *sorted(DIRECTORY.glob("*.toml"))])
    if community is not None:
        sources |= {
            f"{community.name}/{name}": sha
            for name, sha in teaching.hashes(sorted(community.glob("*.toml"))).items()
        }
    with click.progressbar(length=1000, label="学习", file=sys.stderr) as bar:
        learned = learning.learn(
            known,
            book.confusions,
            sources,
            step=lambda done, total: bar.update(1000 * done // total - bar.pos),
        )
    _tell(learned)
    if learned.worse and not force:
        raise BadInput(
            "加进来的样例反而让它变差了，没有保存：\n  "
            + "\n  ".join(learned.worse)
            + "\n核对一下更正得对不对；一定要用就加 --force"
        )
    write_weights(directory / NAME, learned.weights)
    click.echo(f"已保存：{directory / NAME}（重启服务后生效）")


def _corrections(login: str) -> list[Example]:
    """What leaves the database goes into the log of every ticket it comes from."""
    runtime = open_runtime()
    with runtime.db.transaction() as session:
        actor = actor_named(session, login)
        found = examples.visible(session, actor)
        examples.exported(session, actor, found, now=runtime.now())
        said = [
            (of.transcript, of.category, of.danger, of.resident_id) for of in (item.example for item in found)
        ]
    runtime.close()
    return teaching.from_corrections(said)


def _tell(learned: learning.Learned) -> None:
    if learned.added:
        click.echo(f"没有社区自己的 {learned.added} 条样例：")
        click.echo("\n".join(f"  {line}" for line in learned.before.lines()))
        click.echo("加上以后：")
    click.echo("\n".join(f"  {line}" for line in learned.after.lines()))
