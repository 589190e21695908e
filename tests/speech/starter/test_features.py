import numpy as np
import pytest

from speech.starter.features import TELEPHONE, WIDE, Filterbank, centres, fbank, frames

# kaldi-native-fbank 1.22 on `chirp()`: OnlineFbank with samp_freq=8000, dither=0, num_bins=40, low_freq=60,
# high_freq=3800, use_energy=False, snip_edges=True; [round(float(v), 3) for v in get_frame(n)[::5]]
KALDI = {
    0: [6.546, 12.001, 17.165, 7.747, 4.935, 10.677, 9.664, 5.309],
    7: [7.677, 12.003, 17.163, 7.694, 5.394, 9.852, 9.714, 4.856],
    14: [13.134, 16.533, 18.933, 15.913, 15.112, 16.585, 17.095, 14.875],
    16: [-15.942] * 8,
    22: [7.707, 12.009, 17.163, 7.583, 4.312, 9.545, 10.797, 4.641],
}


def chirp() -> np.ndarray:
    """A tone, a rising tone, and digital silence from sample 1,200 to 1,600."""
    t = np.arange(2000)
    tones = 3000 * np.sin(2 * np.pi * 440 * t / 8000) + 800 * np.sin(
        2 * np.pi * 1900 * t / 8000 + t * t * 1e-5
    )
    samples = np.round(tones).astype(np.int16)
    samples[1200:1600] = 0
    return samples


def test_numbers_are_those_of_kaldi() -> None:
    features = fbank(chirp())
    assert features.shape == (23, 40)
    for frame, values in KALDI.items():
        assert features[frame, ::5] == pytest.approx(values, abs=1e-3)


def test_long_recordings_are_computed_in_blocks_without_seams() -> None:
    noise = (np.random.default_rng(3).normal(size=80 * 5000) * 300).astype(np.int16)
    whole = fbank(noise)
    assert whole[4090:4104] == pytest.approx(fbank(noise[4090 * 80 : 4090 * 80 + 13 * 80 + 200]), abs=1e-4)


@pytest.mark.parametrize("samples", [0, 1, 199, 200, 279, 280, 8000])
@pytest.mark.parametrize("bank", [TELEPHONE, WIDE])
def test_frames_are_counted_before_they_are_computed(samples: int, bank: Filterbank) -> None:
    assert len(fbank(np.zeros(samples, np.int16), bank)) == frames(samples, bank)


def test_frames_lie_wholly_inside_the_signal() -> None:
    assert frames(199) == 0
    assert frames(200) == 1
    assert list(centres(2)) == [100, 180]


def test_a_louder_signal_shifts_every_band_alike() -> None:
    quiet = chirp()[:1000]
    shift = fbank(quiet * np.int16(4)) - fbank(quiet)
    assert shift == pytest.approx(2 * np.log(4), abs=2e-3)


def test_configuration_names_what_the_engine_has_to_compute() -> None:
    assert TELEPHONE.conf().splitlines() == [
        "--sample-frequency=8000",
        "--num-mel-bins=40",
        "--low-freq=60",
        "--high-freq=3800",
        "--use-energy=false",
        "--dither=0",
    ]
    assert "--sample-frequency=16000" in WIDE.conf()
