"""The kiosk's scripts as they are sent: one file of all modules, without comments, packed; and the worker's list of files."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from kiosk.assets import THEIRS, assets
from kiosk.joining import joined
from kiosk.worker_file import files
from tests.support.kiosk_door import Device


def join(**sources: str) -> tuple[str, list[str]]:
    return joined("main", sources.__getitem__, theirs=["lib"])


def ran(script: str) -> str:
    """What it prints; by the Node that Playwright brings for itself."""
    node, *_ = compute_driver_executable()
    done = subprocess.run(
        [node, "--input-type=module", "-"], input=script, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_modules_become_one_script_that_does_the_same() -> None:
    script, names = join(
        main='import { twice, NAME as name } from "./a.js";\nimport { NAME } from "./b.js";\nconsole.log(twice(4), name, NAME);\n',
        a='import { NAME as of } from "./b.js";\nexport const NAME = of + "a";\nexport function twice(n) { return 2 * n; }\n',
        b='export const NAME = "b";\nexport async function unused() {}\nexport class Kind {}\n',
    )
    assert names == ["b", "a", "main"]
    assert ran(script) == "8 ba b"


def test_a_module_that_two_need_is_there_once() -> None:
    script, _ = join(
        main='import { x } from "./a.js";\nimport { y } from "./b.js";\n',
        a='import { z } from "./c.js";\nexport const x = z;\n',
        b='import { z } from "./c.js";\nexport const y = z;\n',
        c="export const z = {};\n",
    )
    assert script.count("const z = {}") == 1


def test_files_of_others_stay_files() -> None:
    script, names = join(main='import { open } from "./lib.js";\nopen();\n')
    assert script.startswith('import * as $lib from "./lib.js";\n') and names == ["main"]


@pytest.mark.parametrize(
    "line",
    [
        'import x from "./a.js";',
        'import "./a.js";',
        "export default 1;",
        "export { x };",
        "export let x = 1;",
    ],
)
def test_what_cannot_be_joined_is_an_error_that_shows_it(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(line)):
        join(main=f"{line}\n", a="")


def test_a_circle_is_an_error_that_shows_it() -> None:
    with pytest.raises(ValueError, match="main → a → main"):
        join(main='import { a } from "./a.js";\n', a='import { b } from "./main.js";\n')


def test_the_page_needs_no_module_that_is_not_sent() -> None:
    sent = {name for name in assets() if name.endswith(".js")}
    assert sent == {"app.js", "worklet.js"} | THEIRS
    for name, asset in assets().items():
        if name.endswith(".js"):
            assert {Path(at).name for at in re.findall(r'from ?"([^"]+)"', asset.body.decode())} <= sent


def test_files_are_sent_packed_to_whoever_takes_it_and_once(device: Device) -> None:
    client = device.app.test_client()
    packed = client.get("/kiosk/static/app.js", headers={"Accept-Encoding": "gzip, br"})
    plain = client.get("/kiosk/static/app.js")
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == plain.data
    assert packed.mimetype == "text/javascript" and "Accept-Encoding" in packed.headers["Vary"]
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get("/kiosk/static/app.js", headers=known).status_code == 304
    assert packed.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize("name", ["nothing.js", "outbox.js", "sw.js", "../assets.py", "%2e%2e/assets.py"])
def test_nothing_else_is_sent(device: Device, name: str) -> None:
    assert device.app.test_client().get(f"/kiosk/static/{name}").status_code == 404


def test_the_worker_lists_files_that_are_there_all_of_one_version(device: Device) -> None:
    client = device.app.test_client()
    worker = client.get("/kiosk/sw.js")
    assert worker.mimetype == "text/javascript" and "no-cache" in worker.headers["Cache-Control"]
    listed = json.loads(re.search(rb"FILES=(\[.*?\]);", worker.data)[1])  # type: ignore[index]
    version = re.search(rb'VERSION="(\w{12})"', worker.data)[1].decode()  # type: ignore[index]
    assert listed == files()
    for address in listed:
        answer = client.get(address)
        assert (answer.status_code, answer.headers["X-Kiosk-Version"]) == (200, version), address
    assert f'data-version="{version}"' in client.get("/kiosk/").text
