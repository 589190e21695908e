import random
from pathlib import Path

from speech.phrasebook import phrasebook
from speech.starter import corpus
from speech.starter.dictionary import dictionary
from speech.starter.lexicon import lexicon, phrases


def test_the_language_model_never_sees_the_held_out_utterances() -> None:
    words = dictionary()
    said = {"".join(sentence) for sentence, _ in corpus.said(words, lexicon(), seed=1, lines=0)}
    held = {"".join(words.cut(text)) for text in corpus.held_out() if len(text) > 8}
    assert len(held) > 20
    assert len(held & said) < 0.05 * len(held)


def test_all_that_was_written_is_said_and_in_words_of_the_dictionary() -> None:
    words = dictionary()
    sentences = list(corpus.said(words, lexicon(), seed=1, lines=50))
    said = {"".join(sentence) for sentence, _ in sentences}
    seldom = phrasebook().dangers.sound_not_words
    spoken = [*corpus.written_texts(), *(phrase for phrase in phrases() if phrase not in seldom)]
    assert all("".join(words.cut(text)) in said for text in spoken)
    assert not {"".join(words.cut(text)) for text in seldom if text not in spoken} & said
    assert {word for sentence, _ in sentences for word in sentence} <= set(words.sounds)


def test_the_same_seed_says_the_same() -> None:
    one, two, other = (list(corpus.said(dictionary(), lexicon(), seed, lines=20)) for seed in (1, 1, 2))
    assert one == two != other


def test_only_digits_of_addresses_and_numbers_are_changed() -> None:
    words = ("一", "个", "人", "住", "三", "栋", "五", "零", "二", "两", "天")
    told = {corpus.renumbered(words, random.Random(seed)) for seed in range(50)}
    assert len(told) > 40
    assert {sentence[:4] + sentence[5:6] + sentence[9:] for sentence in told} == {
        ("一", "个", "人", "住", "栋", "两", "天")
    }
    assert len({sentence[4] for sentence in told}) > 5


def test_there_are_many_utterances_and_none_where_the_file_is_missing(tmp_path: Path) -> None:
    assert len(corpus.utterances()) > 1000
    assert corpus.utterances(tmp_path) == []


def test_a_text_can_be_left_out() -> None:
    text = max(corpus.written_texts(), key=len)
    cut = tuple(dictionary().cut(text))
    with_it, without = (
        {tuple(sentence) for sentence, _ in corpus.said(dictionary(), lexicon(), 1, 0, without=left_out)}
        for left_out in ((), {text})
    )
    assert cut in with_it
    assert cut not in without
