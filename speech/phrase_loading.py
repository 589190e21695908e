"""Reads `phrases/*.toml` into typed values, each file by one function. Raises SettingsError naming file and line."""

from collections.abc import Mapping

from speech.datafile import DataFile
from speech.phrase_records import (
    Category,
    Choices,
    Danger,
    DangerPair,
    Dangers,
    Dialect,
    Fault,
    Head,
    Intent,
    Matters,
    Places,
    TextCommand,
    TextMark,
    Texts,
    TextWording,
    Tiers,
    Times,
    Topic,
    Urgency,
    Urgent,
    Wordings,
)

ASPECTS = ("speed", "effect", "attitude")
KINDS = ("yes_no", "fact", "rating", "category", "person")
CATEGORIES = ("repairs", "livelihood", "environment", "mediation", "care", "culture")
"""In the order of keys, codes and tiles 1–6 (`surface.md`)."""
INTENTS = ("report", "progress", "rate", "reopen", "human", "activities", "keeper", "help", "optout", "optin", "thanks", "greeting", "other")  # fmt: skip
EMERGENCY_NUMBERS = ("119", "120", "110")
PHRASE_WEIGHT, HINT_WEIGHT = 2.0, 0.7
ROLES = (
    "not",
    "between",
    "wholly",
    "degree",
    "light",
    "pointing",
    "innocent",
    "unsure",
    "asking",
    "again",
    "some",
)
_VALUES = {
    "yes_no": ("yes", "no"),
    "fact": ("1", "2", "3"),
    "rating": ("1", "2", "3"),
    "category": ("1", "2", "3", "4", "5", "6"),
    "person": ("person",),
}


def load_choices(file: DataFile, more: DataFile) -> Choices:
    """`more`: what is understood beyond the lists that the recogniser is held to."""
    file.only(file.root, *KINDS, "always", "around", "digits", "place", "negation", "fillers")
    more.only(more.root, *KINDS)
    said: dict[str, dict[str, tuple[str, ...]]] = {}
    also: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind in KINDS:
        owner: dict[str, str] = {}
        for source, found in ((file, said), (more, also)):
            table = source.table(kind)
            source.only(table, *_VALUES[kind])
            found[kind] = {value: source.words(table, value) for value in _VALUES[kind]}
            for value, spoken in found[kind].items():
                for phrase in spoken:
                    if owner.setdefault(phrase, value) != value:
                        both = f"[{kind}] {phrase!r} stands for both {owner[phrase]} and {value}"
                        raise source.fail(both, f"[{kind}]", f"{value} =", f'"{phrase}"')
    negation = file.table("negation")
    file.only(negation, "words", "sounds", "between")
    return Choices(
        said=said,
        also=also,
        always=file.words(file.table("always"), "phrases"),
        around=file.words(file.table("around"), "phrases"),
        digits=file.words(file.table("digits"), "phrases"),
        place=file.words(file.table("place"), "phrases"),
        negators=file.words(negation, "words"),
        negator_sounds=file.words(negation, "sounds"),
        negator_between=frozenset(file.text(negation, "between")),
        fillers=file.words(file.table("fillers"), "words"),
    )


def load_wordings(file: DataFile) -> Wordings:
    """Every text holds several words with spaces between: they are parts of answers, nothing to listen for."""
    file.only(file.root, "words", "head")
    words = file.table("words")
    file.only(words, *ROLES)
    heads = []
    for table in file.tables("head"):
        file.only(table, "kind", "plain", "negated", "weak", "open", "anywhere", "words")
        kind = file.text(table, "kind", tuple(_VALUES))
        plain, opposite = (
            file.text(table, key, _VALUES[kind]) if key in table else "" for key in ("plain", "negated")
        )
        weak, open_, anywhere = (file.flag(table, key) for key in ("weak", "open", "anywhere"))
        heads.append(Head(kind, plain, opposite, weak, open_, anywhere, _parts(file, table, "words")))
    return Wordings({role: _parts(file, words, role) for role in ROLES}, tuple(heads))


def _parts(file: DataFile, table: Mapping[str, object], key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for texts in file.words(table, key) for part in texts.split()))


def load_categories(file: DataFile, topics: Mapping[str, DataFile]) -> tuple[Category, ...]:
    """`topics`: of each category the file with its topics."""
    file.only(file.root, "category")
    found = {}
    owner: dict[str, str] = {}
    for table in file.tables("category"):
        file.only(table, "code", "name", "phrases", "hints")
        code = file.text(table, "code", CATEGORIES)
        groups = [
            (file, Topic("类别的名字", PHRASE_WEIGHT, file.words(table, "phrases"))),
            (file, Topic("旁证", HINT_WEIGHT, file.words(table, "hints", required=False), True)),
            *((topics[code], topic) for topic in _topics(topics[code])),
        ]
        for source, topic in groups:
            for phrase in topic.phrases:
                if owner.setdefault(phrase, code) != code:
                    raise source.fail(
                        f"{phrase!r} stands for both {owner[phrase]} and {code}; keep it in one of them",
                        f'"{phrase}"',
                    )
        found[code] = Category(code, file.text(table, "name"), tuple(topic for _, topic in groups))
    missing = [code for code in CATEGORIES if code not in found]
    if missing:
        raise file.fail(f"no [[category]] for {', '.join(missing)}")
    return tuple(found[code] for code in CATEGORIES)


def _topics(file: DataFile) -> list[Topic]:
    file.only(file.root, "topic")
    found = []
    for table in file.tables("topic"):
        file.only(table, "name", "weight", "background", "phrases")
        weight = file.amount(table, "weight", PHRASE_WEIGHT)
        words = file.words(table, "phrases")
        found.append(Topic(file.text(table, "name"), weight, words, file.flag(table, "background")))
    return found


def load_matters(file: DataFile) -> Matters:
    file.only(file.root, "thing", "fault", "whole")
    things: dict[str, str] = {}
    for table in file.tables("thing"):
        file.only(table, "category", "say")
        category = file.text(table, "category", CATEGORIES)
        things |= dict.fromkeys(file.words(table, "say"), category)
    faults = []
    for table in file.tables("fault"):
        file.only(table, "say", "heard", "category")
        decides = file.text(table, "category", CATEGORIES) if "category" in table else None
        faults.append(Fault(file.text(table, "say"), file.words(table, "heard"), decides))
    return Matters(things, tuple(faults), file.words(file.table("whole"), "say"))


def load_dangers(file: DataFile) -> Dangers:
    file.only(file.root, "danger", "pairs", "not_before", "not_after", "story", "innocent", "sound")
    dangers, pairs = [], []
    for table in file.tables("danger"):
        file.only(table, "number", "category", "words", "exact")
        number = file.text(table, "number", EMERGENCY_NUMBERS)
        category = file.text(table, "category", CATEGORIES)
        dangers.append(
            Danger(number, category, file.words(table, "words"), file.words(table, "exact", required=False))
        )
    for table in file.tables("pairs"):
        file.only(table, "number", "first", "second", "at_most", "not_after_first", "either", "unless")
        pairs.append(
            DangerPair(
                file.text(table, "number", EMERGENCY_NUMBERS),
                file.words(table, "first"),
                file.words(table, "second"),
                file.number(table, "at_most"),
                file.words(table, "not_after_first", required=False),
                file.flag(table, "either"),
                file.words(table, "unless", required=False),
            )
        )
    before, after = file.table("not_before"), file.table("not_after")
    story, sound = file.table("story"), file.table("sound")
    file.only(story, "past", "over", "now")
    file.only(before, "far", "near", "close", "unless")
    file.only(after, "near", "close")
    file.only(sound, "not_before", "may_follow", "not_words")
    return Dangers(
        dangers=tuple(dangers),
        pairs=tuple(pairs),
        before_far=file.words(before, "far"),
        before_near=file.words(before, "near"),
        before_close=file.words(before, "close"),
        unless=file.words(before, "unless"),
        after_near=file.words(after, "near"),
        after_close=file.words(after, "close"),
        past=file.words(story, "past"),
        over=file.words(story, "over"),
        now=file.words(story, "now"),
        innocent=file.words(file.table("innocent"), "words"),
        sound_not_before=frozenset(file.text(sound, "not_before")),
        sound_may_follow=frozenset(file.text(sound, "may_follow")),
        sound_not_words=frozenset(file.words(sound, "not_words")),
    )


def load_urgency(file: DataFile) -> Urgency:
    file.only(file.root, "urgent", "outage")
    rules = []
    for table in file.tables("urgent"):
        file.only(table, "name", "outage", "all", "unless")
        groups = table.get("all")
        if not isinstance(groups, list) or not groups:
            raise file.fail("'all' must be a list of lists of texts", "all")
        rules.append(
            Urgent(
                file.text(table, "name"),
                file.flag(table, "outage"),
                tuple(file.word_list(g, "all") for g in groups),
                file.words(table, "unless", required=False),
            )
        )
    outage = file.table("outage")
    return Urgency(tuple(rules), {kind: file.words(outage, kind) for kind in outage})


def load_tiers(file: DataFile) -> Tiers:
    file.only(file.root, "complex", "categories")
    categories = file.words(file.root, "categories")
    for code in categories:
        if code not in CATEGORIES:
            raise file.fail(f"{code!r} is not one of {', '.join(CATEGORIES)}", f'"{code}"')
    return Tiers(file.words(file.root, "complex"), frozenset(categories))


def load_intents(file: DataFile) -> tuple[Intent, ...]:
    file.only(file.root, "intent")
    found = []
    for table in file.tables("intent"):
        file.only(table, "code", "phrases", "starts", "whole")
        found.append(
            Intent(
                file.text(table, "code", INTENTS),
                file.words(table, "phrases"),
                file.words(table, "starts", required=False),
                file.flag(table, "whole"),
            )
        )
    return tuple(found)


def load_places(file: DataFile) -> Places:
    file.only(file.root, "estates", "suffixes", "not_estate", "stops", "landmarks", "own", "highest_building")
    return Places(
        file.words(file.root, "estates"),
        file.words(file.root, "suffixes"),
        file.words(file.root, "not_estate"),
        frozenset(file.text(file.root, "stops")),
        file.words(file.root, "landmarks"),
        file.words(file.root, "own"),
        file.number(file.root, "highest_building") if "highest_building" in file.root else 0,
    )


def load_dialect(file: DataFile) -> Dialect:
    file.only(file.root, "keep", "dialect")
    words: dict[str, str] = {}
    for table in file.tables("dialect"):
        file.only(table, "region", "words")
        file.text(table, "region")
        given = table.get("words")
        if not isinstance(given, dict):
            raise file.fail(
                '\'words\' must be a table such as [dialect.words] with lines "冇" = "没"', "words"
            )
        for said, plain in given.items():
            if not said.strip() or not isinstance(plain, str):
                raise file.fail(f"{said!r} must be given its plain words in quotes", said)
            words[said] = plain
    return Dialect(words, file.words(file.root, "keep"))


def load_times(file: DataFile) -> Times:
    file.only(file.root, "days", "parts", "units", "stretches")
    return Times(
        file.numbers(file.table("days")),
        file.words(file.root, "parts"),
        file.numbers(file.table("units")),
        file.words(file.root, "stretches"),
    )


def load_examples(*files: DataFile) -> dict[str, tuple[str, ...]]:
    """Category → whole sentences that belong to it, from all files together."""
    found: dict[str, list[str]] = {code: [] for code in CATEGORIES}
    for file in files:
        file.only(file.root, "examples")
        for table in file.tables("examples"):
            file.only(table, "category", "source", "texts")
            file.text(table, "source")
            found[file.text(table, "category", CATEGORIES)] += file.words(table, "texts")
    return {code: tuple(dict.fromkeys(texts)) for code, texts in found.items()}


_HINTS = (
    *("done", "ask", "again", "after", "other", "spam", "idle", "request", "where"),
    *("when", "coming", "question", "courtesy", "chat", "nods"),
)
_CALL = ("to", "me", "ring", "phone", "here", "ask", "please", "refuse", "failed", "they")


def load_texts(file: DataFile) -> Texts:
    file.only(file.root, "command", "wording", "aspects", "mark", "code", "call", "hints", "names")
    commands, wordings, marks = [], [], []
    owner: dict[str, str] = {}
    for table in file.tables("command"):
        file.only(table, "intent", "category", "leads", "everyday", "words", "keys")
        category = file.text(table, "category", CATEGORIES) if "category" in table else ""
        command = TextCommand(
            file.text(table, "intent", INTENTS),
            category,
            file.words(table, "words"),
            file.words(table, "keys", required=False),
            file.flag(table, "leads"),
            file.flag(table, "everyday"),
        )
        commands.append(command)
        for word in (*command.words, *command.keys):
            if owner.setdefault(word, command.intent + category) != command.intent + category:
                raise file.fail(f"{word!r} is a word of two commands", f'"{command.intent}"', f'"{word}"')
    for table in file.tables("wording"):
        file.only(table, "intent", "must", "words", "share")
        wordings.append(
            TextWording(
                file.text(table, "intent", INTENTS),
                file.words(table, "must"),
                file.words(table, "words", required=False),
                file.share(table, "share"),
            )
        )
    for table in file.tables("mark"):
        file.only(table, "aspect", "value", "words")
        aspect, value = file.text(table, "aspect", (*ASPECTS, "fact")), file.number(table, "value")
        if value not in (1, 2, 3):
            raise file.fail("'value' must be 1 满意, 2 一般 or 3 不满意", f"value = {value}")
        marks.append(TextMark(aspect, value, file.words(table, "words")))
    aspects, code, hints = file.table("aspects"), file.table("code"), file.table("hints")
    names, call = file.table("names"), file.table("call")
    file.only(call, *_CALL)
    file.only(aspects, *ASPECTS)
    file.only(code, "not_before", "unless")
    file.only(hints, *_HINTS)
    file.only(names, "surnames", "titles")
    return Texts(
        tuple(commands),
        tuple(wordings),
        tuple(marks),
        {aspect: file.words(aspects, aspect) for aspect in ASPECTS},
        frozenset(file.text(code, "not_before")),
        file.words(code, "unless"),
        frozenset(file.text(names, "surnames")),
        file.words(names, "titles"),
        {part: file.words(call, part) for part in _CALL},
        *(file.words(hints, key) for key in _HINTS),
    )
