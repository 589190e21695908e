"""Shards: labels fit the audio, the same seed gives the same bytes, what is there is not made again."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from speech.starter import dataset, units
from speech.starter.dataset import is_current, make_dataset, make_shard, recipe


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shards") / "one.npz"
    make_shard(path, 5, 24)
    return path


def test_a_shard_holds_audio_and_a_label_for_every_frame(shard: Path) -> None:
    with np.load(shard) as data:
        assert data["audio"].dtype == np.int16
        assert data["labels"].dtype == np.int16
        assert len(data["offsets"]) == len(data["label_offsets"]) == len(data["texts"]) + 1 == 25
        assert data["offsets"][-1] == data["audio"].size
        frames = (np.diff(data["offsets"]) - 200) // 80 + 1
        np.testing.assert_array_equal(frames, np.diff(data["label_offsets"]))
        assert data["labels"].min() == 0
        assert data["labels"].max() < units.PDFS


def test_speech_is_labelled_and_what_is_no_speech_is_silence(shard: Path) -> None:
    with np.load(shard) as data:
        starts = data["label_offsets"]
        spoken = [bool(data["labels"][a:b].any()) for a, b in pairwise(starts)]
        assert spoken == [bool(text) for text in data["texts"]]
        assert sum(spoken) > 15
        assert np.abs(data["audio"].astype(int)).max() > 3000


def test_the_same_seed_gives_the_same_bytes(shard: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.npz", tmp_path / "other.npz"
    make_shard(again, 5, 24)
    make_shard(other, 6, 2)
    assert again.read_bytes() == shard.read_bytes()
    with np.load(other) as data, np.load(shard) as first:
        assert data["texts"][0] != first["texts"][0]


def test_a_data_set_goes_on_where_it_stopped(tmp_path: Path) -> None:
    counted: list[int] = []
    first = make_dataset(tmp_path, 2, seed=1, split="dev", count=2, progress=counted.append)
    assert sum(counted) == 4
    contents = {path: path.read_bytes() for path in first}
    kept, damaged = first
    stamp = kept.stat().st_mtime_ns
    damaged.write_bytes(contents[damaged][:500])
    counted.clear()
    assert make_dataset(tmp_path, 2, seed=1, split="dev", count=2, progress=counted.append) == first
    assert counted == [2, 2]
    assert kept.stat().st_mtime_ns == stamp
    assert damaged.read_bytes() == contents[damaged]


def test_a_shard_of_another_recipe_is_not_current(shard: Path, tmp_path: Path) -> None:
    assert is_current(shard, recipe(5, 24, "train"))
    assert not is_current(shard, recipe(5, 24, "dev"))
    assert not is_current(tmp_path / "missing.npz", recipe(5, 24, "train"))


def test_the_recipe_names_files_that_exist() -> None:
    folder = Path(dataset.__file__).parent
    assert all((folder / name).is_file() for name in dataset.DATA_SOURCES)
