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
from audioflan_tasks.catalogue.question import AnswerPattern, PlainQuestion, Polarity, phrases
from audioflan_tasks.catalogue.row import InputPiece, SimulatedRecord, TaskRow

AUDIO = InputPiece("audio", "audio")

SPEECH_TASKS: tuple[TaskRow, ...] = (
    TaskRow(
        minor="Automatic Speech Recognition",
        group=SPEECH_RECOGNITION,
        definition="Write down the words that are spoken in a recording.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="transcript",
        question=PlainQuestion(
            words=phrases(
                "transcribe transcription transcript text write write_down written written_form "
                "text_form textual_form type_out word_for_word verbatim spoken_words "
                "words_say/speak/spoken/hear words convert turn transform speech_to_text asr "
                "automatic sentence content_spoken spoken_content linguistic_content word "
                "into_text note_down put"
            ),
        ),
        answer_nouns=(
            "transcription",
            "transcript",
            "text",
            "spoken text",
            "words",
            "content",
            "sentence",
            "utterance",
            "转写",
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
        definition="Write down the words of speech in a regional dialect or accent.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="transcript",
        question=PlainQuestion(
            words=phrases(
                "transcribe transcription transcript text write write_down written written_form "
                "text_form type_out word_for_word verbatim spoken_words words convert turn "
                "transform speech_to_text asr automatic sentence spoken_content dialect dialectal "
                "regional local accent accented variety word"
            ),
        ),
        answer_nouns=(
            "transcription",
            "transcript",
            "text",
            "words",
            "content",
            "sentence",
            "utterance",
            "转写",
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
        definition="Write down the sequence of phones that are spoken, in a stated phone set.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="phones",
        question=PlainQuestion(
            words=phrases(
                "transcribe transcription transcript write write_down written convert turn phoneme "
                "phone phonetic phonetically phonemic symbol sequence pronunciation "
                "speech_to_phoneme phonetic_unit alphabet notation"
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
        definition="Say what a speaker wants a system to do, as one of a set of intents.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("intents"),
            words=phrases(
                "intent intention purpose goal user user_want command request behind aim convey "
                "express speaker_want want_do"
            ),
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
        held_out_by_default=True,
    ),
    TaskRow(
        minor="Speech to Text Translation",
        group=SPOKEN_LANGUAGE,
        definition="Translate what is spoken into text in another language.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="transcript",
        question=PlainQuestion(
            words=phrases(
                "words spoken_words translate translation render "
                "convert turn text written write written_form "
                "text_form language put interpret version meaning rendering speech_to_text "
                "source_speech original"
            ),
        ),
        answer_nouns=(
            "translation",
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
        definition="Say whether the voice is female or male.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("genders"),
            words=phrases("gender sex gender_label"),
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
        definition="Estimate the age or the age group of the speaker from the voice.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("ages"),
            words=phrases("age how_old old years_old"),
            details=(("group", "groups"),),
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
        definition="Name the emotion that the voice expresses.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("emotions feelings"),
            words=phrases(
                "emotion emotional feeling feel mood emotional_state/tone "
                "how_speaker/person/talker_feel express convey state speaker_feel tone_of_voice"
            ),
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
        definition="Name the regional accent with which a language is spoken.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("accents"),
            words=phrases("accent accented regional which_accent type kind"),
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
        definition="Say whether two recordings contain the same spoken text.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases(
                "paragraph passage text content words sentence transcript wording read two both "
                "pair compare match_or_not linguistic_content word_for_word contain whether_or_not "
                "first_second say_thing"
            ),
            polarity=Polarity(
                asks=phrases(
                    "same identical share match "
                    "equal agree coincide same_or_not whether_same_or_not"
                ),
                opposite=phrases("different differ distinct"),
                forms=("yes/no", "true/false"),
            ),
            unsure=phrases("same/identical/one_speaker/voice/person/talker"),
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
        definition="Name the language that is spoken.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("languages"),
            words=phrases("language tongue"),
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
        definition="Name the dialect or regional variety of a language that is spoken.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("dialects"),
            words=phrases("dialect variety regional variant regional_variety type kind"),
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
        definition="Say whether two recordings are of the same speaker.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases(
                "verification two both pair compare belong come first_second claim identity contain"
            ),
            polarity=Polarity(
                asks=phrases(
                    "same verify match identical one_person/speaker/voice/individual/talker "
                    "single_person/speaker/voice same_or_not authenticate confirm"
                ),
                opposite=phrases(
                    "different differ distinct two_people/persons/individuals two_different"
                ),
                forms=("yes/no", "true/false"),
            ),
            unsure=phrases("same/identical_speech voices/people/persons/individuals/speakers_talk"),
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
        definition="Say who speaks when, in seconds, speakers numbered in order of appearance.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            words=phrases(
                "who_speak/talk/spoke/spoken_when who spoke spoken when diarize diarization "
                "turn time timestamp segment split each every speaker_turn mark interval "
                "stretch list identity boundary start/begin_end/stop/finish onset_offset "
                "start/begin_time_end/stop_time from_when_to_when"
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
        held_out_by_default=True,
        names_heard="speakers",
        simulations=(SimulatedRecord("speaker_turns", ("concatenate",)),),
    ),
    TaskRow(
        minor="Speaker Extraction",
        group=SPEAKER_RECOGNITION,
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
            words=phrases(
                "extract extraction isolate pull_out enroll enrolled enrolment enrollment target "
                "reference mixture mixed separate keep_only_voice_second "
                "keep_only_voice_enrolled/target/reference_speaker mix"
            ),
            unsure=phrases("extract/isolate/separate_mixture/mixed/mix pull_out_mixture"),
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
        definition="Name the speaker from a closed set of known voices.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("speakers"),
            words=phrases(
                "identity who whose id identifier known speaker_id who_speak/talk recognized "
                "speaking_person"
            ),
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
        definition="Describe the voice and the manner of speaking in a sentence.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="caption",
        question=PlainQuestion(
            words=phrases(
                "describe caption description speaking_style style manner "
                "how_speaker/person/talker/voice_speak/talk/sound how_person_speak characterize "
                "descriptive characteristic write"
            ),
            details=(("sentence", "sentences", "one sentence", "single sentence", "一句"),),
            unsure=phrases("say said what_say"),
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
        definition="Say whether speech is genuine or was synthesised or manipulated.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases(
                "deepfake authenticity authentic synthetic genuine real fake bonafide bona_fide "
                "spoof spoofed manipulated generated synthesized human machine artificial "
                "ai_generated real/genuine_or_fake"
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
        definition="Name the vocoder that speech was resynthesised with.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("vocoders"),
            words=phrases("vocoder vocoding type kind synthesize generate used vocoded made"),
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
        definition="Name the kind of device or channel that speech was recorded through.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("devices"),
            words=phrases("device equipment recording_device type kind gear"),
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
