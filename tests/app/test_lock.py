import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import ProcessError
from app.lock import sole_user

HOLDER = (
    "import sys, time; from pathlib import Path; from app.lock import sole_user\n"
    "with sole_user(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
)


def test_second_user_of_a_directory_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(directory)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(ProcessError, match="正被另一个程序使用"), sole_user(directory):
            pass
        holder.kill()
        holder.wait()
    with sole_user(directory):
        assert not directory.exists()


def test_directory_is_free_again_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_user(tmp_path / "demo"):
            pass
