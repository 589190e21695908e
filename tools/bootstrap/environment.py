"""Make the project's virtual environment: `python3 environment.py VENV SET`, SET being demo or test.

Wants nothing but Python's standard library, and of that not even ensurepip, which Debian puts into a
package of its own: the pip wheel beside this file installs itself. Everything is pinned and hashed in
requirements/. A second run sees its stamp and ends at once. Runs on old Pythons far enough to say
that they are too old.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
INCLUDED_IN = {"demo": ("demo", "test"), "test": ("test",)}  # who has the larger set needs no other


class Failure(Exception):
    """Something that the person at the keyboard can mend."""


def main(venv, wanted):
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise Failure(
            "需要 Python 3.11 或更新的版本，这里的 %s 是 %s。装好后可以这样指定：make demo PYTHON=python3.11\n"
            "Python 3.11 or newer is needed, %s is %s. Choose one with: make demo PYTHON=python3.11"
            % (sys.executable, found, sys.executable, found)
        )
    stamp = os.path.join(venv, ".installed.json")
    state = fingerprint(wanted)
    python = os.path.join(venv, "bin", "python")
    if runs(python) and any(read(stamp).get(name) == fingerprint(name) for name in INCLUDED_IN[wanted]):
        return
    say("准备运行环境 %s（第一次需要联网，约一两分钟）/ preparing %s, needs the network once" % (venv, venv))
    if not runs(python):
        create(venv)
    install(python, wanted)
    with open(stamp, "w") as file:
        json.dump({wanted: state}, file)


def create(venv):
    shutil.rmtree(venv, ignore_errors=True)
    try:
        subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", venv])
    except (OSError, subprocess.CalledProcessError):
        raise Failure(
            "建不了虚拟环境 %s：请检查磁盘空间和目录权限。\n"
            "The virtual environment could not be created: check disk space and rights." % venv
        )


def install(python, wanted):
    wheel = os.path.join(HERE, PIP_WHEEL)
    with open(wheel, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != PIP_SHA256:
            raise Failure(
                "%s 已损坏或被改动，请重新取得代码。\nThe file is damaged or was changed: get the code again."
                % wheel
            )
    pip(python, [os.path.join(wheel, "pip")], "--quiet", "--no-index", "--no-deps", wheel)
    # Without build isolation what comes as source is built by the pinned setuptools, not by the newest.
    quietly = ["--quiet", "--no-build-isolation"]
    for name in ("build", wanted):
        pip(python, ["-m", "pip"], *quietly, "--require-hashes", "--requirement", requirements(name))
    pip(python, ["-m", "pip"], *quietly, "--no-deps", "--editable", ROOT)


def pip(python, start, *arguments):
    """The user's PIP_* variables and configuration stay in force: they may name a mirror."""
    command = [python, *start, "install", "--disable-pip-version-check", *arguments]
    quiet = dict(os.environ, PYTHONWARNINGS="ignore")  # setuptools warns about editable installs as such
    if subprocess.call(command, env=quiet) != 0:
        raise Failure(
            "安装没有完成。请看上面的出错信息；最常见的原因是连不上网络。\n"
            "没有外网时可用内部软件源：PIP_INDEX_URL=（地址） make demo。再次运行会从头接着做。\n"
            "The installation failed, see above; mostly the network is out of reach. "
            "PIP_INDEX_URL names a mirror. It is safe to run the same command again."
        )


def fingerprint(wanted):
    """Changes whenever the environment has to be made anew."""
    digest = hashlib.sha256(ROOT.encode() + sys.version.encode())
    for path in (requirements("build"), requirements(wanted), os.path.join(ROOT, "pyproject.toml")):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def requirements(name):
    return os.path.join(ROOT, "requirements", name + ".txt")


def read(stamp):
    try:
        with open(stamp) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def runs(python):
    try:
        return subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def say(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        main(os.path.abspath(sys.argv[1]), sys.argv[2])
    except Failure as failure:
        say("\n" + str(failure))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
