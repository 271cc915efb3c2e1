"""Instructions in other languages than English, beside it or instead of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from audioflan_tasks.catalogue import TaskRow, get, tasks
from audioflan_tasks.config import Settings, _settings
from audioflan_tasks.config import settings as shared
from audioflan_tasks.corpus import Corpus
from audioflan_tasks.demo import demo_root
from audioflan_tasks.errors import SettingsError, TemplateError
from audioflan_tasks.preprocessors.lead_ins import strip_lead_in
from audioflan_tasks.preprocessors.options import inline_styles, written_parts
from audioflan_tasks.preprocessors.render import KEEP, RenderedExample, render
from audioflan_tasks.preprocessors.templates import (
    PoolNotFoundError,
    languages_of,
    pool,
)
from audioflan_tasks.records import Instance
from audioflan_tasks.tokens import vocabulary_of
from tests.conftest import maker_of

CHINESE = [row for row in tasks()[:80] if "zh" in languages_of(row.id)]
EACH = pytest.mark.parametrize("row", CHINESE, ids=lambda row: row.id)

OWN = """task = 'who'

[[instruction]]
ask = {ask}
mood = 'command'

[inputs]
mixture = [{mixture}]
enrolment = [{enrolment}]

[answer]
lead_ins = ['']
"""


def demo(row: TaskRow, count: int, *languages: str) -> list[RenderedExample]:
    """One record of the demo corpus under many uuids, without words of its own."""
    instance = Corpus(demo_root()).instance(row.id, "train", 0).replace(instruction="")
    uuids = (f"u{n}" for n in range(count))
    return [render(instance.replace(uuid=u), row, 0, languages=languages) for u in uuids]


def text(rendered: RenderedExample) -> str:
    return "".join(s.value if s.kind == "text" else "[audio]" for s in rendered.inputs)


def label(one: RenderedExample) -> str:
    """The label of the only piece, before or after the instruction."""
    given = [s.value for s in one.inputs if s.role == "input"]
    before = given[:-2] if one.inputs[-1].role == "instruction" else given[:-1]
    return "".join(before).removeprefix("\n")


@pytest.mark.slow
@EACH
def test_english_alone_has_no_word_of_another_language(row: TaskRow) -> None:
    for one in demo(row, 200, "en"):
        assert text(one).isascii()
        assert "/zh/" not in one.template


@pytest.mark.slow
@EACH
def test_all_words_around_the_values_are_chinese(row: TaskRow) -> None:
    found = pool(row.id, language="zh")
    made = demo(row, 400, "zh")
    names = {one.template.split("+")[0] for one in made}
    # The demo says yes and no; other words for the two are for records that have them.
    fitting = [
        row.labels != ("yes", "no") or not each.answers or "yes/no" in each.answers
        for each in found.instruction
    ]
    assert names == {f"{row.id}/zh/{n}" for n, fits in enumerate(fitting) if fits}
    assert {one.targets[-1] for one in made} == {one.targets[-1] for one in demo(row, 1, "en")}
    labels = {label for labels in found.inputs.values() for label in labels}
    if len(row.inputs) == 1:
        assert {label(one) for one in made} == labels
    else:
        whole = "\n".join(text(one) for one in made)
        assert all(words in whole for words in labels)
    lead_ins = {one.targets[0].value for one in made if len(one.targets) == 2}
    assert {"", *lead_ins} == set(found.answer.lead_ins)
    for one in made:
        (ask,) = (s.value for s in one.inputs if s.role == "instruction")
        assert not set(ask) & set("{}")
        assert text(one).strip() == text(one)


@pytest.mark.slow
@EACH
def test_the_vocabulary_writes_chinese_without_loss(row: TaskRow) -> None:
    vocabulary = vocabulary_of(shared.example_options())
    for one in demo(row, 40, "zh"):
        words = "".join(s.value for s in (*one.inputs, *one.targets) if s.kind == "text")
        assert vocabulary.decode(vocabulary.encode(words)) == words


@pytest.mark.parametrize(
    ("language", "named"), [("French", "法语"), ("mandarin", "中文"), ("Klingonese", "Klingonese")]
)
def test_a_target_language_is_named_in_the_language_of_the_sentence(
    language: str, named: str
) -> None:
    row = get("speech_to_text_translation")
    record = Instance(
        instruction="", input="<|SOA|>x<|EOA|>", output="oui", task=row.id,
        other={"slots": {"target_language": language}},
    )  # fmt: skip
    for number in range(40):
        uuid = f"{number:024x}"
        chinese, english = (
            next(s.value for s in example.inputs if s.role == "instruction")
            for example in (
                render(record.replace(uuid=uuid), row, 0, languages=(code,))
                for code in ("zh", "en")
            )
        )
        assert named in chinese and language in english
        assert named.isascii() or " " not in chinese


@pytest.mark.slow
def test_two_languages_share_the_choice() -> None:
    row = get("gender_recognition")
    made = demo(row, 600, "en", "zh")
    assert made == demo(row, 600, "zh", "en", "zh")
    for one in made:
        language = "zh" if "/zh/" in one.template else "en"
        found = pool(row.id, language=language)
        assert label(one) in found.inputs["audio"]
        assert len(one.targets) == 1 or one.targets[0].value in found.answer.lead_ins
    share = sum("/zh/" in one.template for one in made) / len(made)
    sizes = [len(pool(row.id, language=code).instruction) for code in ("en", "zh")]
    assert abs(share - sizes[1] / sum(sizes)) < 0.1


@pytest.mark.slow
def test_a_task_without_a_chinese_pool_is_asked_in_english() -> None:
    row = get("key_detection")
    assert languages_of(row.id) == ("en",)
    assert demo(row, 50, "zh") == demo(row, 50, "en") == demo(row, 50, "en", "zh")
    with pytest.raises(PoolNotFoundError, match="'key_detection' in 'zh'"):
        pool(row.id, language="zh")


@pytest.mark.parametrize("languages", ["zh", ["chinese"], ["../x"], ["en", ""]])
def test_what_is_no_code_is_refused(languages: list[str]) -> None:
    row = get("denoising")
    with pytest.raises(SettingsError, match="expected a code such as"):
        demo(row, 1, *languages)
    with pytest.raises(SettingsError, match="expected a code such as"):
        pool(row.id, language="../zh")


class TestOptions:
    def test_styles_by_hand(self) -> None:
        assert "".join(written_parts(["a", "b", "c"], "comma", "zh")) == "a、b、c"
        assert "".join(written_parts(["a", "b", "c"], "or", "zh")) == "a、b或c"
        assert "".join(written_parts(["a", "b"], "letters", "zh")) == "(A) a (B) b"
        assert "".join(written_parts(["a", "b"], "or", "fr")) == "a or b"

    def test_labels_with_a_separator_are_lettered(self) -> None:
        for label in ("狗、猫", "或许", "dog, barking"):
            assert inline_styles([label, "rain"], "zh") == ("letters",)
        assert len(inline_styles(["狗、猫", "rain"])) == 3

    @pytest.mark.slow
    def test_every_style_is_used(self) -> None:
        made = demo(get("emotion_recognition"), 400, "zh")
        styles = {one.template.split("+")[1] for one in made if "+" in one.template}
        assert styles == {"comma", "or", "letters", "dashes", "lettered_lines"}
        asked = [text(one) for one in made if one.template.endswith("+comma")]
        assert asked
        assert all(ask.count("、") >= 4 and ", " not in ask for ask in asked)


class TestLeadIns:
    @pytest.mark.parametrize(
        ("task", "said", "bare"),
        [
            ("genre_classification", "流派：jazz", "jazz"),
            ("genre_classification", "流派: jazz", "jazz"),
            ("genre_classification", "音乐流派：jazz", "jazz"),
            ("genre_classification", "Genre：jazz", "jazz"),
            ("genre_classification", "流派 jazz", "流派 jazz"),
            ("automatic_speech_recognition", "识别结果：你好", "你好"),
            ("key_detection", "流派：C major", "流派：C major"),
        ],
    )
    def test_of_all_languages_are_stripped(self, task: str, said: str, bare: str) -> None:
        assert strip_lead_in(task, f" {said}\n") == bare


class TestOwnPool:
    RECORD = "<|SOA|>who<|EOA|>\n<|SOA|>all<|EOA|>"

    def row(self, folder: Path, ask: str = "'找出这个人的声音。'") -> TaskRow:
        english = OWN.format(
            ask="'Extract this person.'", mixture="'mixture: '", enrolment="'who: '"
        )
        chinese = OWN.format(ask=ask, mixture="'混合语音：'", enrolment="'目标说话人：'")
        (folder / "zh").mkdir()
        (folder / "who.toml").write_text(english, encoding="utf-8")
        (folder / "zh" / "who.toml").write_text(chinese, encoding="utf-8")
        (folder / "zh-x!").mkdir()
        row = get("speaker_extraction")
        pieces = tuple(
            replace(piece, name=name)
            for piece, name in zip(row.inputs, ("mixture", "enrolment"), strict=True)
        )
        return row.model_copy(
            update={"minor": "Who", "inputs": pieces, "pool": str(folder / "who.toml")}
        )

    def instance(self, given: str) -> Instance:
        return Instance(instruction="", input=given, output="<|SOA|>y<|EOA|>", task="who", uuid="u")

    def test_it_lies_in_a_folder_of_the_languages_code(self, tmp_path: Path) -> None:
        row = self.row(tmp_path)
        assert languages_of("who", tmp_path) == languages_of("who", row.pool) == ("en", "zh")
        given = "target: <|SOA|>who<|EOA|>\nmixture: <|SOA|>all<|EOA|>"
        made = render(self.instance(given), row, 0, languages=("zh",))
        assert made.template == "who/zh/0"
        # A label of either language says which piece is which.
        assert text(made) == "混合语音：[audio]\n目标说话人：[audio]\n找出这个人的声音。"
        assert [s.value for s in made.inputs if s.kind == "audio"] == ["all", "who"]

    def test_it_may_be_the_only_one(self, tmp_path: Path) -> None:
        row = self.row(tmp_path)
        (tmp_path / "who.toml").unlink()
        assert languages_of("who", tmp_path) == ("zh",)
        made = render(self.instance(self.RECORD), row, 0, languages=("en", "zh"))
        assert made.template == "who/zh/0"
        with pytest.raises(PoolNotFoundError, match="no template pool for 'who'"):
            render(self.instance(self.RECORD), row, 1)

    def test_errors_name_file_and_line(self, tmp_path: Path) -> None:
        row = self.row(tmp_path, ask="'找出{speaker}的声音。'")
        with pytest.raises(TemplateError, match=r"zh.who\.toml:4: unknown placeholder {speaker}"):
            pool("who", tmp_path, row=row, language="zh")

    def test_a_character_beside_a_placeholder_is_not_glued(self, tmp_path: Path) -> None:
        row = self.row(tmp_path, ask="'从{options}里选一个说话人。'")
        assert pool("who", tmp_path, row=row, language="zh").instruction[0].parts[2] == (
            "里选一个说话人。"
        )
        # Nothing to list, so nothing to ask with: the record's own words are used.
        made = render(self.instance(self.RECORD), row, 0, languages=("zh",))
        assert made.template == KEEP


class TestSetting:
    @pytest.mark.parametrize("value", ["en,zh", "en, zh", '["en", "zh"]'])
    def test_environment(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        assert Settings().languages == ("en",)
        monkeypatch.setenv("AUDIOFLAN_LANGUAGES", value)
        assert Settings().languages == ("en", "zh")

    @pytest.mark.parametrize("value", ["", "english", "[]", "[en", "[1]"])
    def test_what_is_no_list_of_codes_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("AUDIOFLAN_LANGUAGES", value)
        with pytest.raises(SettingsError, match="AUDIOFLAN_LANGUAGES="):
            _settings()

    def test_examples_follow_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(shared, "cache_dir", tmp_path)
        monkeypatch.setattr(shared, "languages", ("zh",))
        corpus = Corpus(demo_root())
        maker = maker_of(corpus)
        example = maker.example(corpus.instance("gender_recognition", "train", 0), 0)
        assert example is not None
        assert example.provenance["template"].startswith("gender_recognition/zh/")
        told = maker.vocabulary.decode(example.inputs[example.input_roles == 1].tolist())
        assert any("\u4e00" <= character <= "\u9fff" for character in told)
