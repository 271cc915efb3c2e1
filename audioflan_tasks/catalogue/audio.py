"""The 18 tasks of the audio domain, in the order of the paper's Table 1."""

from __future__ import annotations

from audioflan_tasks.catalogue.majors import (
    ADVANCED_UNDERSTANDING,
    AUDIO_CAPTION,
    AUDIO_CLASSIFICATION,
    AUDIO_DETECTION,
    AUDIO_ENHANCEMENT,
    AUDIO_GENERATION,
    AUDIO_SEPARATION,
    EVENT_RECOGNITION,
)
from audioflan_tasks.catalogue.question import AnswerPattern, PlainQuestion, phrases
from audioflan_tasks.catalogue.row import InputPiece, SimulatedRecord, TaskRow

AUDIO = InputPiece("audio", "audio")

AUDIO_TASKS: tuple[TaskRow, ...] = (
    TaskRow(
        minor="Sound Event Sequence Recognition",
        group=EVENT_RECOGNITION,
        definition="Name the sounds in the order in which they occur.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="sequence",
        question=PlainQuestion(
            words=phrases(
                "event sound_event list order sequence occur happen appear in_order "
                "chronological_order order_of_appearance chronologically sequential first_to_last "
                "follow_one_another one_after_another appearance"
            ),
        ),
        answer_nouns=(
            "sequence",
            "event",
            "sound event",
            "sound",
            "order",
            "event sequence",
            "声音序列",
            "事件序列",
        ),
        metrics=("item_error_rate", "edit_similarity", "exact_match"),
        attributes=("event",),
        twins=("sound_event_detection",),
        corpora=("AudioSet",),
        names_heard="events",
        simulations=(SimulatedRecord("event_order", ("concatenate",)),),
    ),
    TaskRow(
        minor="Sound Event Recognition",
        group=EVENT_RECOGNITION,
        definition="Name the sound that is heard.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("sounds events"),
            words=phrases(
                "event sound_event source kind type occur make what_make acoustic/audio_event"
            ),
            unsure=phrases("event_source"),
        ),
        answer_nouns=(
            "sound",
            "sound event",
            "event",
            "audio event",
            "this",
            "it",
            "声音",
            "声音事件",
            "事件",
        ),
        several_labels=True,
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("event", "object"),
        note="Table 3 names no corpus for it.",
        names_heard="events",
        simulations=(
            SimulatedRecord(
                "sound_name",
                (
                    "add_noise",
                    "reverberate",
                    "clip",
                    "band_limit",
                    "resample",
                    "cut_gap",
                    "take",
                    "repeat",
                    "channel",
                    "vocode",
                    "gain",
                    "fade",
                    "normalise",
                ),
            ),
        ),
    ),
    TaskRow(
        minor="Sound Event Detection",
        group=EVENT_RECOGNITION,
        definition="Name the sounds with their start and end times.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            words=phrases(
                "locate event sound_event when time each every all timestamp "
                "acoustic/audio_event mark interval label occur start/begin_end/stop/finish "
                "onset_offset start/begin_time_end/stop_time from_when_to_when"
            ),
            details=(("seconds", "sec", "s", "秒"),),
        ),
        answer_nouns=(
            "event",
            "interval",
            "time",
            "timestamp",
            "sound event",
            "segment",
            "声音事件",
            "时间段",
            "事件",
        ),
        metrics=("event_f1", "segment_f1"),
        attributes=("event",),
        inverse=("time_grounded_text_to_audio_generation",),
        twins=("sound_event_sequence_recognition",),
        note="Table 3 names no corpus for it.",
        names_heard="events",
        simulations=(SimulatedRecord("event_times", ("place", "concatenate")),),
    ),
    TaskRow(
        minor="Acoustic Scene Classification",
        group=EVENT_RECOGNITION,
        definition="Name the environment in which a recording was made.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("scenes environments"),
            words=phrases(
                "scene acoustic environment place where surroundings setting ambience take_place "
                "type kind location acoustic_scene"
            ),
        ),
        answer_nouns=(
            "scene",
            "place",
            "acoustic scene",
            "location",
            "environment",
            "recording",
            "audio",
            "sound",
            "clip",
            "场景",
            "地点",
            "环境",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("scene",),
        corpora=("TAU Urban Acoustic Scenes",),
    ),
    TaskRow(
        minor="Audio Caption",
        group=AUDIO_CAPTION,
        definition="Describe what is heard in a sentence.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="caption",
        question=PlainQuestion(
            words=phrases("caption describe description what_happen happen write occur"),
            details=(("sentence", "sentences", "one sentence", "single sentence", "一句"),),
        ),
        answer_nouns=("caption", "description", "audio caption", "描述", "音频描述", "英文说明"),
        metrics=("rouge_l", "cider_d", "meteor", "bleu"),
        attributes=("event", "scene"),
        inverse=("text_guided_audio_generation",),
        swaps=("text_guided_audio_generation",),
        corpora=("AudioSet", "Freesound"),
    ),
    TaskRow(
        minor="Sound Event Understanding",
        group=ADVANCED_UNDERSTANDING,
        definition="Answer a question about the sounds that are heard.",
        inputs=(InputPiece("question", "text"), InputPiece("audio", "audio")),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases("question hear about_sound/audio/recording/clip"),
        ),
        metrics=("accuracy", "rouge_l"),
        attributes=("event",),
        corpora=("Vocal Imitation Set",),
        note="In the paper the question is the instruction; here it is a piece of the input.",
        held_out_by_default=True,
    ),
    TaskRow(
        minor="Deepfake Audio Detection",
        group=AUDIO_DETECTION,
        definition="Say whether audio of any kind is a real recording or was generated.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases(
                "deepfake authenticity authentic synthetic genuine real fake bonafide bona_fide "
                "spoof manipulated generated artificial ai_generated made"
            ),
        ),
        answer_nouns=(
            "verdict",
            "audio",
            "recording",
            "clip",
            "sound",
            "speech",
            "this",
            "it",
            "判断",
            "音频",
            "录音",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("event",),
        labels=("real", "fake"),
        corpora=("ADD 2023",),
        note="Not the same task as Deepfake Detection, which is about speech.",
    ),
    TaskRow(
        minor="Voice Activity Detection",
        group=AUDIO_DETECTION,
        definition="Give the intervals in which somebody speaks.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            words=phrases(
                "locate voice activity detect speech voice_activity when speak/talk someone "
                "somebody segment interval time mark part stretch region timestamp present "
                "human_speech/voice speaking speak spoken all each every "
                "start/begin_end/stop/finish onset_offset start/begin_time_end/stop_time "
                "from_when_to_when"
            ),
            details=(("seconds", "sec", "s", "秒"),),
        ),
        answer_patterns=(
            AnswerPattern("intervals", r"\d+\.\d\d-\d+\.\d\d(?:; \d+\.\d\d-\d+\.\d\d)*"),
            AnswerPattern("other intervals", r"(?s).*\d.*\d.*"),
        ),
        answer_nouns=(
            "speech segment",
            "segment",
            "interval",
            "voice activity",
            "speech interval",
            "speech region",
            "region",
            "语音区间",
            "语音段",
            "检测结果",
        ),
        metrics=("frame_f1", "detection_error", "boundary_f1"),
        attributes=("speech",),
        twins=("speech_nonspeech_detection",),
        corpora=("DNS",),
    ),
    TaskRow(
        minor="Speech, Silence, Music and Noise Classification",
        group=AUDIO_CLASSIFICATION,
        definition="Say whether a recording is speech, silence, music or noise.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases("category type class content sound_type kind classify"),
        ),
        answer_nouns=(
            "class",
            "content",
            "category",
            "type",
            "audio",
            "recording",
            "clip",
            "this",
            "it",
            "类别",
            "类型",
            "内容",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("speech", "music"),
        labels=("speech", "silence", "music", "noise"),
        corpora=("AudioSet",),
        simulations=(SimulatedRecord("noise_class", ("noise",)),),
    ),
    TaskRow(
        minor="Speech Nonspeech Detection",
        group=AUDIO_CLASSIFICATION,
        definition="Divide a recording into intervals of speech and of anything else.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            words=phrases(
                "speech nonspeech non_speech divide stretch segment part region interval label "
                "time mark when separate split boundary start/begin_end/stop/finish "
                "onset_offset start/begin_time_end/stop_time from_when_to_when"
            ),
            details=(("seconds", "sec", "s", "秒"),),
        ),
        answer_nouns=(
            "segment",
            "segmentation",
            "interval",
            "speech and nonspeech",
            "片段",
            "区间",
        ),
        metrics=("frame_f1", "detection_error", "boundary_f1"),
        attributes=("speech",),
        twins=("voice_activity_detection",),
        corpora=("WavCaps",),
        note="Appendix A.1 calls it Speech and Non-speech Detection.",
    ),
    TaskRow(
        minor="Audio Inpainting",
        group=AUDIO_ENHANCEMENT,
        definition="Fill a gap in a recording.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "between gap fill fill_in missing "
                "restore part repair reconstruct inpaint inpainting "
                "recover section lost"
            ),
        ),
        metrics=("si_sdr", "si_sdr_gap", "lsd_gap"),
        attributes=("event",),
        slots=("gap",),
        corpora=("AudioSet",),
        improves="audio",
        optional_metrics=("mr_stft",),
        held_out_by_default=True,
        simulations=(SimulatedRecord("gap_filled", ("cut_gap",)),),
    ),
    TaskRow(
        minor="Audio Super-resolution",
        group=AUDIO_ENHANCEMENT,
        definition="Restore the high frequencies of a recording of low sample rate.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "increase/raise/improve/enhance/boost/upgrade_resolution/quality "
                "increase/raise/upsample_sampling/sample_rate upsample super_resolution resolution "
                "sampling_rate sample_rate restore/recover_high_frequencies up high_resolution "
                "convert upscale rate"
            ),
        ),
        metrics=("lsd", "lsd_high", "si_sdr"),
        attributes=("event",),
        slots=("target_rate",),
        twins=("speech_bandwidth_extension",),
        corpora=("AudioSet",),
        note="Appendix A.3 calls it Sound Super-resolution under Sound Generation.",
        improves="audio",
        optional_metrics=("mr_stft",),
        simulations=(SimulatedRecord("higher_rate", ("band_limit", "resample")),),
    ),
    TaskRow(
        minor="Text-guided Audio Source Separation",
        group=AUDIO_SEPARATION,
        definition="Extract the sound that a description names from a mixture.",
        inputs=(InputPiece("description", "text"), InputPiece("mixture", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "describe separate separation extract "
                "extraction isolate isolation described description "
                "mixture mixed mix source text target keep_only_sound_description matching match "
                "textual"
            ),
            unsure=phrases("extract/isolate/separate_mix/mixture_target"),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "sdr"),
        attributes=("event",),
        twins=("label_querying_sound_extraction", "audio_querying_sound_extraction"),
        corpora=("WavCaps",),
        improves="mixture",
        optional_metrics=("mr_stft",),
    ),
    TaskRow(
        minor="Label-querying Sound Extraction",
        group=AUDIO_SEPARATION,
        definition="Extract the sounds of a named class from a mixture.",
        inputs=(InputPiece("label", "text"), InputPiece("mixture", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "extract extraction isolate isolation label labelled labeled class mixture mixed "
                "mix category query target separate"
            ),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "sdr"),
        attributes=("event",),
        twins=("text_guided_audio_source_separation", "audio_querying_sound_extraction"),
        corpora=("VGGSound",),
        improves="mixture",
        optional_metrics=("mr_stft",),
        simulations=(SimulatedRecord("extracted_by_label", ("mix",)),),
    ),
    TaskRow(
        minor="Audio-querying Sound Extraction",
        group=AUDIO_SEPARATION,
        definition="Extract the sounds that are like an example from a mixture.",
        inputs=(
            InputPiece("query", "audio", phrases("query example reference target sample")),
            InputPiece("mixture", "audio", phrases("mixture mix mixed noisy overlapped")),
        ),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "extract extraction isolate isolation query example reference mixture mixed mix "
                "like similar_to kind hold sound_like_query resemble target separate "
                "same_kind_of_sound match"
            ),
            unsure=phrases("extract/isolate/separate_query"),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "sdr"),
        attributes=("event",),
        twins=("label_querying_sound_extraction", "text_guided_audio_source_separation"),
        corpora=("VGGSound",),
        improves="mixture",
        optional_metrics=("mr_stft",),
        simulations=(SimulatedRecord("extracted_by_example", ("mix",)),),
    ),
    TaskRow(
        minor="Text-guided Audio Generation",
        group=AUDIO_GENERATION,
        definition="Make the sound that a description asks for.",
        inputs=(InputPiece("description", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "describe turn convert generate generation create "
                "description text described caption prompt textual "
                "match fit text_description soundscape"
            ),
        ),
        metrics=("mr_stft", "mcd"),
        attributes=("event",),
        inverse=("audio_caption",),
        swaps=("audio_caption",),
        twins=("time_grounded_text_to_audio_generation",),
        corpora=("AudioSet", "Freesound"),
        optional_metrics=("fad", "clap_score"),
    ),
    TaskRow(
        minor="Time-grounded Text-to-audio Generation",
        group=AUDIO_GENERATION,
        definition="Make sounds at the times that a description gives.",
        inputs=(InputPiece("description", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "describe generate generation create description "
                "text described time timed stated follow "
                "match fit timestamp time_mark text_description"
            ),
        ),
        metrics=("mr_stft", "mcd"),
        attributes=("event",),
        inverse=("sound_event_detection",),
        twins=("text_guided_audio_generation",),
        corpora=("AudioSet",),
        optional_metrics=("fad", "clap_score"),
        simulations=(SimulatedRecord("timed_description", ("place",)),),
    ),
    TaskRow(
        minor="Audio Continuation",
        group=AUDIO_GENERATION,
        definition="Continue a recording.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "continue continuation extend go_on how_recording_go_on generate seamlessly"
            ),
        ),
        metrics=("mr_stft", "mcd"),
        attributes=("event", "scene"),
        corpora=("WavCaps",),
        optional_metrics=("fad", "clap_score"),
        simulations=(SimulatedRecord("continuation", ("take",)),),
    ),
)
