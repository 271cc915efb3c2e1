"""Tasks that understand speech: 20 of the domain's 34, in the order of the paper's Table 1."""

from __future__ import annotations

from audioflan_tasks.catalogue.majors import (
    PARALINGUISTICS,
    SPEAKER_RECOGNITION,
    SPEECH_CAPTION,
    SPEECH_DETECTION,
    SPEECH_RECOGNITION,
    SPOKEN_LANGUAGE,
)
from audioflan_tasks.catalogue.question import (
    AnswerPattern,
    PlainQuestion,
    Polarity,
    phrases,
    terms,
)
from audioflan_tasks.catalogue.row import InputPiece, SimulatedRecord, TaskRow

AUDIO = InputPiece("audio", "audio")

SPEECH_TASKS: tuple[TaskRow, ...] = (
    TaskRow(
        minor="Automatic Speech Recognition",
        group=SPEECH_RECOGNITION,
        family="transcription",
        family_reason="hears the words of speech",
        definition="Write down the words that are spoken in a recording.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="transcript",
        question=PlainQuestion(
            asks="<transcribe>",
        ),
        answer_nouns=(
            "transcription",
            "transcript",
            "transcribed text",
            "recognized text",
            "transcription result",
            "text",
            "spoken text",
            "words",
            "content",
            "sentence",
            "utterance",
            "转写",
            "转写文本",
            "转写结果",
            "转录",
            "文本",
            "文字",
            "内容",
            "识别结果",
            "原话",
        ),
        metrics=("wer", "cer"),
        attributes=("content",),
        inverse=("text_to_speech", "zero_shot_text_to_speech", "spontaneous_text_to_speech"),
        swaps=("text_to_speech",),
        twins=("dialect_automatic_speech_recognition",),
        corpora=(
            "AISHELL-1",
            "AISHELL-2",
            "AISHELL-3",
            "ESD",
            "EmoV-DB",
            "FLEURS",
            "Fluent Speech Commands",
            "HQ-Conversations",
            "Hi-Fi TTS",
            "LJSpeech",
            "MLS",
            "Parallel Audiobook Corpus",
            "VCTK",
            "aidatatang_200zh",
            "Common Voice",
            "LibriTTS-R",
        ),
    ),
    TaskRow(
        minor="Dialect Automatic Speech Recognition",
        group=SPEECH_RECOGNITION,
        family="transcription",
        family_reason="hears the words of speech, in a dialect",
        definition="Write down the words of speech in a regional dialect or accent.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="transcript",
        question=PlainQuestion(
            asks="<transcribe>",
            terms=terms(
                quality="dialect/dialectal/accented/regional/local",
                own="dialect",
            ),
        ),
        answer_nouns=(
            "transcription",
            "transcript",
            "transcribed text",
            "recognized text",
            "transcription result",
            "text",
            "words",
            "content",
            "sentence",
            "utterance",
            "转写",
            "转写文本",
            "转写结果",
            "转录",
            "文本",
            "文字",
            "内容",
            "识别结果",
            "原话",
        ),
        metrics=("wer", "cer"),
        attributes=("content", "dialect"),
        twins=("automatic_speech_recognition",),
        corpora=("KeSpeech",),
    ),
    TaskRow(
        minor="Phonetic Recognition",
        group=SPEECH_RECOGNITION,
        family="transcription",
        family_reason="hears the phones that the words are made of",
        definition="Write down the sequence of phones that are spoken, in a stated phone set.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="phones",
        question=PlainQuestion(
            asks=(
                "(transcribe*/convert*/write*_down/write*/turn*/render*/recognize*/represent*) "
                "[<sub>|<said>] [phonetically] (in/into/to/as/using/with) [<det>] "
                "[sequence_of/string_of] (@ [<phones>/alphabet]) <spaced> | "
                "[<report>|<make>|(write*/recognize*/transcribe*)] [<det>] "
                "[sequence_of/string_of] (@ <phones>|<phones>) <phonesof> <spaced> | [<report>] "
                "what/which (is/are) [<det>] (@ <phones>|<phones>) <phonesof> | [<report>] "
                "what/which (@ <phones>|<phones>) <phonesof>"
            ),
            terms=terms(
                phones=(
                    "phonemes/phones/symbols/phonetic_symbols/phoneme_symbols/"
                    "phonemic_transcription/phonetic_transcription/phonetic_notation/"
                    "phoneme_sequence/phone_sequence/transcription/sequence_of_phonemes/"
                    "sequence_of_phones"
                ),
                phonesof=(
                    "{ (of/in/from/for) <sub> | (in/using/with/as) [<det>] @ "
                    "[symbols/alphabet/notation/phones/phonemes] | @ | [are] [being] "
                    "(spoken/said/uttered/heard) [<there>] | [that] you hear [<there>]}"
                ),
                spaced="[separated (by/with) [single] (spaces/blanks)]",
            ),
            details=(("space", "spaces", "blanks", "separated spaces", "separated blanks"),),
        ),
        answer_nouns=(
            "phoneme",
            "phone",
            "ipa",
            "pinyin",
            "phonetic transcription",
            "phone sequence",
            "phoneme sequence",
            "transcription",
            "pronunciation",
            "音素",
            "拼音",
            "音标",
            "发音",
        ),
        metrics=("per",),
        attributes=("content",),
        slots=("phone_set",),
        corpora=("AISHELL-3", "LibriTTS-R"),
    ),
    TaskRow(
        minor="Intent Classification",
        group=SPOKEN_LANGUAGE,
        family="spoken intent",
        family_reason="says what is wanted, which no other task asks",
        definition="Say what a speaker wants a system to do, as one of a set of intents.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] what (does/do/did) <who> want "
                "[to_do/done/the_system_to_do] | [<ask>] what <who> wants [to_do/done] | "
                "[<ask>] what is <who> trying to do | [<ask>] what <who> is trying to do"
            ),
            terms=terms(
                noun=(
                    "intent+/intention+|(purpose/goal) (of/behind) (<who>|[<det>] [<given>] "
                    "[spoken] (utterance/command/request))"
                ),
                own="command/request",
                whoelse="user/customer/caller",
                does="expresses/conveys/has",
                do="have/express/convey",
                done="expressed/conveyed/meant",
                adj="spoken/underlying/communicative",
            ),
            plural=phrases("intents"),
        ),
        answer_nouns=(
            "intent",
            "intention",
            "command",
            "request",
            "speaker's intent",
            "user",
            "speaker",
            "意图",
            "指令",
        ),
        metrics=("accuracy", "slot_f1", "macro_f1"),
        attributes=("content",),
        corpora=("Fluent Speech Commands",),
    ),
    TaskRow(
        minor="Speech to Text Translation",
        group=SPOKEN_LANGUAGE,
        family="transcription",
        family_reason="hears the words before it translates them",
        definition="Translate what is spoken into text in another language.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="transcript",
        question=PlainQuestion(
            asks=(
                "translate* [<sub>|<said>|<wordsof>|<spokenwords>] [(into/to/in) <lang>] | "
                "[<report>|<make>] [me/us] [<det>] @ translation [for/of/from (<sub>|<said>)] "
                "[in text] | [<report>|<make>] [me/us] [<det>] translation [for/of/from "
                "(<sub>|<said>)] (into/in/to) <lang> | [<report>] what is [<det>] @ "
                "(translation/version) [of/for (<sub>|<said>)] | "
                "(convert*/turn*/render*/put*/change*/transform*) "
                "(<sub>|<said>|<wordsof>|<spokenwords>) (into/to/in/as) <lang> | "
                "(say*/write*/tell*/write*_down/express*) [me] in @ <said> | what (does/do) "
                "<who> say in @ | how would you say [<said>] in @ [<said>] | (<sub>|<said>) "
                "<must> translated (into/to) <lang>"
            ),
            terms=terms(
                lang=(
                    "[<det>] [written/plain/natural] @ [text/sentence/words/writing]|[<det>] "
                    "text in @"
                ),
            ),
        ),
        answer_nouns=(
            "translation",
            "translated text",
            "text",
            "sentence",
            "meaning",
            "译文",
            "翻译",
            "翻译结果",
            "文本",
        ),
        metrics=("bleu", "chrf"),
        attributes=("content", "language"),
        slots=("target_language",),
        twins=("speech_to_speech_translation",),
        corpora=("CVSS", "FLEURS"),
    ),
    TaskRow(
        minor="Gender Recognition",
        group=PARALINGUISTICS,
        family="speaker traits",
        family_reason="reads the body of the speaker from the voice",
        definition="Say whether the voice is female or male.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | <listed> [<ask>] [<ifwords>] (is/was) [it/this] (a) [<det>] "
                "[speaking/talking] | [<ask>] [<ifwords>] (is (<who>|it/this)|(<who>|it) is) "
                "[a] (man or [a] woman|woman or [a] man)"
            ),
            terms=terms(
                noun="gender/genders/sex/gender_label",
                do="have",
                does="has",
            ),
            plural=phrases("genders"),
        ),
        answer_nouns=(
            "gender",
            "sex",
            "speaker",
            "voice",
            "person",
            "talker",
            "this",
            "it",
            "性别",
            "说话人",
            "声音",
            "这",
        ),
        answer_patterns=(
            AnswerPattern("female/male", "(?i)female|male"),
            AnswerPattern("gender", r"[^\n{\[(]+"),
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("gender",),
        labels=("female", "male"),
        corpora=(
            "AISHELL-1",
            "AISHELL-2",
            "AISHELL-3",
            "Fluent Speech Commands",
            "HQ-Conversations",
            "KeSpeech",
            "Parallel Audiobook Corpus",
            "LibriTTS-R",
        ),
    ),
    TaskRow(
        minor="Age Recognition",
        group=PARALINGUISTICS,
        family="speaker traits",
        family_reason="reads the body of the speaker from the voice",
        definition="Estimate the age or the age group of the speaker from the voice.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] how old (is/was) (<who>) | [<ask>] how old (<who>) (is/was)"
            ),
            terms=terms(
                noun="(age/ages/age_group+/age_range+/age_category) [in years]",
                do="have/belong_to/fall_into",
                does="has/belongs_to",
                adj="approximate",
                prep="in",
            ),
            details=(("group", "groups"),),
            plural=phrases("ages"),
        ),
        answer_patterns=(
            AnswerPattern("years", r"\d{1,3}(?: years?(?: old)?)?", is_value=True),
            AnswerPattern("group", r"[^\n{\[(]+"),
        ),
        answer_nouns=(
            "age",
            "age group",
            "age range",
            "speaker",
            "person",
            "voice",
            "年龄",
            "年龄段",
            "说话人",
        ),
        metrics=("accuracy", "adjacent_accuracy", "macro_f1"),
        attributes=("age",),
        labels=("child", "teenager", "adult", "senior"),
        corpora=("HQ-Conversations", "KeSpeech"),
        note="Appendix A.1 calls it Age Prediction.",
        label_ranges=(("child", 13), ("teenager", 20), ("adult", 60), ("senior", 120)),
    ),
    TaskRow(
        minor="Emotion Recognition",
        group=PARALINGUISTICS,
        family="emotion of speech",
        family_reason="hears how a voice feels",
        definition="Name the emotion that the voice expresses.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] how (does/do/did) <who> feel | [<ask>] how <who> feels | "
                "[<ask>] what is <who> feeling | [<ask>] what (does|did) <who> feel"
            ),
            terms=terms(
                noun=("emotion+/feeling+/mood/emotional_state/emotional_tone/tone_of_voice"),
                do="express/convey/have/show/feel/display",
                does="expresses/conveys/has/shows/feels/displays",
                done="expressed/conveyed/shown/displayed",
                adj="emotional/primary/dominant/main/underlying/kind_of/type_of",
            ),
            plural=phrases("emotions feelings"),
        ),
        answer_nouns=(
            "emotion",
            "feeling",
            "mood",
            "tone",
            "sentiment",
            "emotional state",
            "speaker",
            "voice",
            "speech",
            "person",
            "情绪",
            "情感",
            "语气",
            "说话人",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("emotion",),
        labels=("neutral", "happy", "angry", "sad", "surprise"),
        inverse=("emotional_text_to_speech", "zero_shot_emotional_text_to_speech"),
        twins=("emotion_conversion",),
        corpora=("ESD",),
        note="Not the same task as Emotion Classification, which is about music.",
        companions=("emotion_classification",),
    ),
    TaskRow(
        minor="Accent Recognition",
        group=PARALINGUISTICS,
        family="language and accent",
        family_reason="hears how a language is pronounced",
        definition="Name the regional accent with which a language is spoken.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] where (does/do) [<det>] accent come from | [<ask>] where "
                "[<det>] accent (comes/is) from"
            ),
            terms=terms(
                noun="accent+",
                do="have/speak/use/show/speak_with",
                does="has/speaks_with",
                done="spoken/used",
                adj="regional/accent/region/kind_of/type_of",
                prep="with/in",
                made="speaking/speaks",
            ),
            plural=phrases("accents"),
        ),
        answer_nouns=("accent", "speaker", "speech", "pronunciation", "口音"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("accent",),
        twins=("dialect_identification",),
        corpora=("HQ-Conversations",),
    ),
    TaskRow(
        minor="Spoken Paragraph Recognition",
        group=PARALINGUISTICS,
        family="transcription",
        family_reason="compares the words of two recordings",
        definition="Say whether two recordings contain the same spoken text.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<compare> | <askif> (is/was) <same> <thing> (is|being|was) (read/spoken/said) "
                "[(in/on) <pair>] | <askif> [do/does] "
                "(<pair>|the_two_speakers/both_speakers/the_speakers) (read/say/speak/reading) "
                "<same> <thing> | <askif> [are] (<pair>) (reading) <same> <thing>"
            ),
            tails="<comparetail>",
            terms=terms(
                thing=(
                    "[spoken/linguistic] (paragraph/text/passage/content/words/transcript/wording)"
                ),
                things=(
                    "[spoken/linguistic] "
                    "(paragraphs/texts/passages/contents/content/transcripts/words/text/wording/"
                    "passage/paragraph)"
                ),
                have="have/share/contain/read/say/has/come_from/belong_to",
                prep="from/of",
                used="read/spoken/reading/said/taken",
            ),
            polarity=Polarity(
                asks=phrases("same identical equal match agree coincide the_same_or_not"),
                opposite=phrases("different differ distinct two_different"),
                forms=("yes/no", "true/false"),
            ),
        ),
        answer_nouns=(
            "they",
            "speech",
            "recording",
            "paragraph",
            "text",
            "content",
            "clip",
            "audio",
            "段落",
            "内容",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("content",),
        labels=("yes", "no"),
        corpora=("LibriTTS-R",),
    ),
    TaskRow(
        minor="Language Identification",
        group=PARALINGUISTICS,
        family="language and accent",
        family_reason="hears which language is pronounced",
        definition="Name the language that is spoken.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                noun="language+/spoken_language/language_spoken",
                do="speak/use/belong_to",
                does="speaks/uses",
                done="spoken/used/speaking/talking",
                adj="spoken",
                prep="in",
            ),
            plural=phrases("languages"),
        ),
        answer_nouns=("language", "speech", "audio", "recording", "speaker", "语言", "语种"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("language",),
        corpora=(
            "AISHELL-1",
            "AISHELL-2",
            "AISHELL-3",
            "ESD",
            "EmoV-DB",
            "FLEURS",
            "HQ-Conversations",
            "Hi-Fi TTS",
            "LJSpeech",
            "MLS",
            "Parallel Audiobook Corpus",
            "aidatatang_200zh",
            "Common Voice",
            "LibriTTS-R",
        ),
    ),
    TaskRow(
        minor="Dialect Identification",
        group=PARALINGUISTICS,
        family="language and accent",
        family_reason="hears how a language is pronounced",
        definition="Name the dialect or regional variety of a language that is spoken.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                noun="dialect+/variety/regional_variety/regional_variant",
                do="speak/use",
                does="speaks/uses",
                done="spoken/used/speaking",
                adj="regional/spoken/local/type_of/kind_of",
                prep="in",
            ),
            plural=phrases("dialects"),
        ),
        answer_nouns=("dialect", "variety", "regional variety", "speech", "方言"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("dialect",),
        twins=("accent_recognition",),
        corpora=("KeSpeech",),
    ),
    TaskRow(
        minor="Speaker Verification",
        group=SPEAKER_RECOGNITION,
        family="speaker identity",
        family_reason="tells voices apart",
        definition="Say whether two recordings are of the same speaker.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<compare> | <askif> (is/was) <same> <thing> (speaking/talking/heard/recorded) "
                "[(in/on) <pair>] | <askif> <same> <thing> (is/was) "
                "(speaking/talking/heard/recorded) [(in/on) <pair>] | <askif> <same> <thing> "
                "(can_be) heard [(in/on) <pair>] | <askif> [do/did] <same> <thing> (speak/talk) "
                "[(in/on) <pair>] | <askif> [does] <same> <thing> (speak/speaks) [(in/on) "
                "<pair>] | <askif> [are/is/was/were/do/does] <pair> [are/is/were/was] (<prep>) "
                "(<asking> (one|one_single|a_single)|<opposing> two) "
                "(person/speaker/voice/individual/talker/people/persons/individuals/speakers) | "
                "<askif> [are] [<the>] <things> [the_voice_of/from] <same> <thing> | verify* "
                "<same> <thing> | <asking> verify* [<the>] (speaker/speakers/identity) | "
                "perform* [<det>] speaker verification [on <pair>]"
            ),
            tails="<comparetail>",
            terms=terms(
                thing=(
                    "person/speaker/individual/voice/talker/people/speakers/persons/individuals/"
                    "voices"
                ),
                things=("speakers/voices/people/persons/talkers/individuals/identities"),
                have="have/share/feature/belong_to/come_from/originate_from/has",
                prep=("from/of/spoken_by/said_by/uttered_by/coming_from/belong_to/come_from"),
                used="coming",
                thew="the_voice_of",
            ),
            polarity=Polarity(
                asks=phrases(
                    "same identical match agree coincide the_same_or_not one_and_the_same"
                ),
                opposite=phrases("different differ distinct two_different unalike"),
                forms=("yes/no", "true/false"),
            ),
        ),
        answer_nouns=(
            "they",
            "speaker",
            "voice",
            "recording",
            "speech",
            "person",
            "clip",
            "utterance",
            "说话人",
            "声音",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("speaker",),
        labels=("yes", "no"),
        twins=("speaker_identification",),
        corpora=(
            "AISHELL-1",
            "AISHELL-2",
            "AISHELL-3",
            "ESD",
            "EmoV-DB",
            "Fluent Speech Commands",
            "HQ-Conversations",
            "Hi-Fi TTS",
            "KeSpeech",
            "Parallel Audiobook Corpus",
            "LibriTTS-R",
        ),
    ),
    TaskRow(
        minor="Speaker Diarization",
        group=SPEAKER_RECOGNITION,
        family="speaker identity",
        family_reason="tells voices apart, with their times",
        definition="Say who speaks when, in seconds, speakers numbered in order of appearance.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            asks=(
                "[<ask>] who (speaks/speak/spoke/is_speaking/talks/talked/is_talking) [and] "
                "when [<there>] | <perform> speaker diarization [on/of/for <sub>] | speaker "
                "diarization [of <sub>] | diarize* [<sub>] [by speaker] | "
                "(segment*/split*/divide*) (<sub>|the_meeting/the_conversation) "
                "(by/according_to) speaker [turns] | (segment*/split*/divide*) <sub> into "
                "speaker (turns/segments) | (<ask>|mark*) [all/each/every/the/all_the] speaker "
                "(turn+/segment+) [<timed>|with (their|its) <timewords>] [<there>] [<unit>] | "
                "(<ask>|mark*) [the/all] (speech) (segments/turns/parts) of (each/every) "
                "speaker [<timed>] | [<ask>] when (does/do/did/is/was) (each/every) speaker "
                "(speak/talk/speaking/talking) [<there>] | [<ask>] when (each/every) speaker "
                "(speaks/talks/is_speaking/is_talking/spoke) [<there>] | [<ask>] (which/what) "
                "speaker (speaks/talks) (when/at_which_time/at_what_time) | give* <timewords> "
                "of (each/every) (turn/speaker_turn/speaker) [<unit>]"
            ),
            tails="<ask> <timewords> [of (each/every) (turn/speaker)] [<unit>]",
            terms=terms(
                units="seconds/sec/s",
            ),
            details=(("seconds", "sec", "s", "秒"),),
        ),
        answer_nouns=(
            "diarization",
            "diarisation",
            "turn",
            "segment",
            "timeline",
            "说话人分割",
            "片段",
        ),
        metrics=("der", "jer"),
        attributes=("speaker",),
        corpora=("AliMeeting",),
        names_heard="speakers",
        simulations=(SimulatedRecord("speaker_turns", ("concatenate",)),),
    ),
    TaskRow(
        minor="Speaker Extraction",
        group=SPEAKER_RECOGNITION,
        family="separation and extraction",
        family_reason="takes one source out of a mixture",
        definition="Extract the voice of an enrolled speaker from a mixture of voices.",
        inputs=(
            InputPiece("mixture", "audio", phrases("mixture mix mixed noisy overlapped")),
            InputPiece(
                "enrolment",
                "audio",
                phrases("enrolment enrollment enrolled reference target speaker prompt"),
            ),
        ),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(extract*/isolate*/separate*/pull*_out/retrieve*/recover*) [only] <enrolled> "
                "[(from/out_of/in) [<det>] <mixture>] | [(give*/return*/output*|keep*)] [me] "
                "(only/just) <enrolled> | (give*/return*/output*) [me] <enrolled> "
                "[(from/out_of) [<det>] <mixture>] | keep* [only] [the] (voice/speech) of [the] "
                "second [<media>] | perform* [target] speaker extraction [on <sub>]"
            ),
            terms=terms(
                enrolled=(
                    "[<det>] (enrolled/target/reference) (speaker/voice) "
                    "[voice/speech/utterance]|[<det>] (voice/speech) of [<det>] "
                    "(enrolled/target/reference) (speaker/voice)"
                ),
                mixture="(mixture/mix|(mixed/noisy/overlapped) (<media>|speech))",
                side="[<det>] (mixture/mix)",
            ),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "stoi"),
        attributes=("speaker",),
        corpora=("LibriMix",),
        note="Writes audio, yet Table 2 counts its major task as understanding.",
        improves="mixture",
        optional_metrics=("pesq", "dnsmos", "speaker_similarity"),
        simulations=(SimulatedRecord("extracted_by_enrolment", ("mix",)),),
    ),
    TaskRow(
        minor="Speaker Identification",
        group=SPEAKER_RECOGNITION,
        family="speaker identity",
        family_reason="tells voices apart",
        definition="Name the speaker from a closed set of known voices.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] who (is|was) [it/that/this] [speaking/talking] [<there>] "
                "| [<ask>] who (speaks/talks/spoke) [<there>] | [<ask>] who [<det>] "
                "[speaker/person/voice] is [speaking/talking] [<there>] | [<ask>] who is <who> "
                "| [<ask>] whose (voice/speech) (is) (this/it/that/<src>|heard) [<there>] | "
                "[<ask>] whose (voice/speech) (this/it) is | [<ask>] to whom (does) <src> "
                "belong | [<ask>] who is it"
            ),
            terms=terms(
                noun=(
                    "speaker+/speaker_identity/speaker_id/identity/talker/person_speaking/"
                    "person_talking/speaking_person|(identity/id/name) "
                    "of <who>"
                ),
                adj="known",
                made="speaks/talks",
                done="speaking/talking",
                do="have",
            ),
            plural=phrases("speakers"),
        ),
        answer_nouns=(
            "speaker",
            "speaker id",
            "id",
            "identity",
            "name",
            "speaker identity",
            "voice",
            "person",
            "this",
            "说话人",
            "身份",
            "编号",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("speaker",),
        twins=("speaker_verification",),
        corpora=("KeSpeech",),
    ),
    TaskRow(
        minor="Speech Caption",
        group=SPEECH_CAPTION,
        family="captions",
        family_reason="describes what is heard in a sentence",
        definition="Describe the voice and the manner of speaking in a sentence.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="caption",
        question=PlainQuestion(
            asks="<describe> | [<tell>] how (does/do) <who> (speak/talk/sound)",
            tails="<describetail>",
            terms=terms(
                shown=(
                    "<src>|[the] <who>|how <who> "
                    "(speaks/talks/sounds/is_speaking/is_talking)|[<det>] "
                    "[speaking/vocal/voice] (style/manner/characteristics/tone) "
                    "[of_speaking/of_speech] [of (<who>|<src>)]|<who> "
                    "(speaking_style/style/manner/manner_of_speaking/way_of_speaking/voice/"
                    "delivery)|[the] "
                    "<src> [that] you hear"
                ),
            ),
            details=(("sentence", "sentences", "one sentence", "single sentence", "一句"),),
        ),
        answer_nouns=(
            "caption",
            "description",
            "descriptive text",
            "text",
            "style",
            "speaking style",
            "voice style",
            "speech caption",
            "描述",
            "说话风格",
            "字幕",
        ),
        metrics=("rouge_l", "cider_d", "meteor", "bleu"),
        attributes=("content", "gender"),
        inverse=("descriptive_speech_synthesis",),
        corpora=("LibriTTS-R",),
    ),
    TaskRow(
        minor="Deepfake Detection",
        group=SPEECH_DETECTION,
        family="forgery",
        family_reason="hears traces of synthesis",
        definition="Say whether speech is genuine or was synthesised or manipulated.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<choice> | <fakecheck>",
            terms=terms(
                rf=("deepfake/fake/genuine/real/synthetic/spoofed/bonafide/bona_fide/authentic"),
                fakecheck=(
                    "[<ask>] (deepfake/synthetic/spoofed/fake) [speech] [in <sub>] | <perform> "
                    "[speech/audio] deepfake detection [on <sub>] | [<ask>] [<ifwords>] (is "
                    "<subj>|<subj> is) [a/an] <rf> [<kind>] [<media>|<body>] [or [a/an] <rf> "
                    "[one/<media>/<body>]] | <listed> [<subj>] | [<ask>] [<det>] authenticity "
                    "of <sub> | <listed> [<ask>] [<ifwords>] (was <subj>|<subj> was) "
                    "[made/recorded] [by]"
                ),
            ),
        ),
        answer_nouns=(
            "verdict",
            "speech",
            "audio",
            "recording",
            "voice",
            "clip",
            "utterance",
            "this",
            "it",
            "classification",
            "判断",
            "语音",
            "录音",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("device",),
        labels=("bona fide", "spoof"),
        corpora=("ASVspoof 2021",),
        note="Speech only; Deepfake Audio Detection is another task.",
        simulations=(SimulatedRecord("spoof", ("vocode",)),),
    ),
    TaskRow(
        minor="Vocoder Type Classification",
        group=SPEECH_DETECTION,
        family="forgery",
        family_reason="hears traces of synthesis, and of which vocoder",
        definition="Name the vocoder that speech was resynthesised with.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] (with/by/using) (what/which) [<adj>] <noun> "
                "(was/is/were) (<subj>) <done> | [<ask>] (with/by/using) (what/which) [<adj>] "
                "<noun> (<subj>) (was/is) <done>"
            ),
            terms=terms(
                noun=(
                    "vocoder+/vocoder_type+/vocoder_class/vocoder_category|(type/class/kind) of "
                    "<det> vocoder"
                ),
                adj="type_of/kind_of/class_of/vocoder",
                done=(
                    "used|(used (to/for/in) (generate*/synthesize*/produce*/make*/create*) "
                    "<sub>)|generated/synthesized/produced/made/vocoded/created"
                ),
                made="(generated/synthesized/produced/made/created)",
                do="use",
                does="generated/produced/made/synthesized",
                prep="with/by/using/through",
            ),
            plural=phrases("vocoders"),
        ),
        answer_nouns=("vocoder", "vocoder type", "type", "speech", "声码器", "类型"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("device",),
        corpora=("ASVspoof 2021",),
        note="Appendix A.1 defines it twice; the second text is that of Device Recognition.",
        simulations=(SimulatedRecord("vocoder", ("vocode",)),),
    ),
    TaskRow(
        minor="Device Recognition",
        group=SPEECH_DETECTION,
        family="recording device",
        family_reason="hears the channel, which no other task asks",
        definition="Name the kind of device or channel that speech was recorded through.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                noun=(
                    "device+/recording_device+/recording_equipment/type_of_device/device_type/"
                    "equipment"
                ),
                adj="recording/type_of/kind_of",
                done=("used|used (to_record/for_recording/in_recording) [<sub>]|recorded"),
                heard="<>",
                hearing="<>",
                made="(recorded/was_used_to_record/captured)",
                prep="with/on/through/by/using",
            ),
            plural=phrases("devices"),
        ),
        answer_nouns=(
            "device",
            "recording device",
            "device type",
            "microphone",
            "speech",
            "audio",
            "recording",
            "设备",
            "录音设备",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("device",),
        corpora=("HQ-Conversations",),
        note="Table 1 prints Device Recognitin.",
        simulations=(SimulatedRecord("device", ("channel",)),),
    ),
)
