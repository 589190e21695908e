from speech.vocabulary import restore, segment, segment_all

VOCABULARY = frozenset(
    [
        "好",
        "了",
        "没",
        "没有",
        "一",
        "不",
        "分",
        "维修",
        "为",
        "修",
        "射",
        "很",
        "满意",
        "很满意",
        "不满意",
        "转人工",
    ]
)


def knows(word: str) -> bool:
    return word in VOCABULARY


def words(phrase: str) -> tuple[str, ...] | None:
    sayable = segment(phrase, knows)
    return sayable.words if sayable else None


def test_longest_words_are_preferred() -> None:
    assert words("没有好") == ("没有", "好")
    assert words("转人工") == ("转人工",)


def test_spaces_in_a_phrase_are_ignored() -> None:
    assert words("没有 好 了") == ("没有", "好", "了")


def test_unknown_character_is_replaced_by_one_that_sounds_the_same() -> None:
    assert words("一部分") == ("一", "不", "分")


def test_known_words_are_kept_beside_a_replaced_character() -> None:
    assert words("设维修") == ("射", "维修")


def test_what_cannot_be_said_is_none() -> None:
    assert words("路灯") is None
    assert words("hello") is None
    assert words("") is None


def test_word_that_others_in_the_list_add_up_to_is_split() -> None:
    sayables, unsayable = segment_all(["很满意", "满意", "很好", "路灯"], knows)
    assert [sayable.words for sayable in sayables] == [("很", "满意"), ("满意",), ("很", "好")]
    assert unsayable == ("路灯",)


def test_negations_stay_whole() -> None:
    sayables, _ = segment_all(["不满意", "不", "满意"], knows)
    assert ("不满意",) in [sayable.words for sayable in sayables]


def test_repeated_phrases_are_listed_once() -> None:
    assert len(segment_all(["满意", "满 意", "满意"], knows)[0]) == 1


def test_restoring_puts_our_characters_back_word_by_word() -> None:
    respelled = {("一", "不", "分"): "一部分"}
    assert restore(["好", "了", "一", "不", "分"], respelled) == ["好", "了", "一", "部", "分"]
    assert restore(["一", "不"], respelled) == ["一", "不"]
    assert restore([], respelled) == []
