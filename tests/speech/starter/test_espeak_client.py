"""The worker process: real espeak-ng, exact places, renewed, started again when it dies."""

import os
import signal
from collections.abc import Iterator

import pytest

from speech.starter.espeak_client import EspeakClient, OrderRefused, WorkerDied

ORDER: dict[str, str | int] = {
    "text": "ni3 hao3, wo3", "voice": "cmn-latn-pinyin+f2", "rate": 150, "pitch": 50, "span": 50, "gap": 0, "seed": 1,
}  # fmt: skip


@pytest.fixture
def client() -> Iterator[EspeakClient]:
    with EspeakClient() as client:
        yield client


def test_sound_comes_with_a_place_for_each_syllable(client: EspeakClient) -> None:
    rate, sound, spans = client.say(ORDER)
    assert rate == 22050
    assert len(spans) == 3
    total = len(sound) // 2
    flat = [value for span in spans for value in span]
    assert flat == sorted(flat)
    assert 0 <= flat[0] < flat[-1] <= total


def test_a_fresh_worker_says_the_same_again(client: EspeakClient) -> None:
    first = [client.say(ORDER | {"seed": seed}) for seed in range(3)]
    client.close()
    assert [client.say(ORDER | {"seed": seed}) for seed in range(3)] == first


def test_a_killed_worker_is_reported_and_replaced(client: EspeakClient) -> None:
    client.say(ORDER)
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)
    with pytest.raises(WorkerDied):
        client.say(ORDER)
    assert len(client.say(ORDER)[2]) == 3


def test_the_worker_is_renewed_after_its_share() -> None:
    with EspeakClient(renew_after=2) as client:
        pids = []
        for _ in range(5):
            client.say(ORDER)
            pids.append(client.pid)
    assert len(set(pids)) == 3
    assert client.pid is None


@pytest.mark.parametrize(
    "wrong",
    [{"text": "xiong1"}, {"voice": "no-such-voice"}, {"text": "hello"}, {"rate": "fast"}, {"loud": 3}],
)
def test_what_cannot_be_said_is_refused_and_the_worker_lives(
    client: EspeakClient, wrong: dict[str, str | int]
) -> None:
    client.say(ORDER)
    pid = client.pid
    with pytest.raises(OrderRefused):
        client.say(ORDER | wrong)
    assert len(client.say(ORDER)[2]) == 3
    assert client.pid == pid
