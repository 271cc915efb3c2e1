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
from audioflan_tasks.catalogue.question import AnswerPattern, PlainQuestion, phrases, terms
from audioflan_tasks.catalogue.row import InputPiece, SimulatedRecord, TaskRow

AUDIO = InputPiece("audio", "audio")

AUDIO_TASKS: tuple[TaskRow, ...] = (
    TaskRow(
        minor="Sound Event Sequence Recognition",
        group=EVENT_RECOGNITION,
        family="sound events",
        family_reason="names the sounds that are heard, in order",
        definition="Name the sounds in the order in which they occur.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="sequence",
        question=PlainQuestion(
            asks=(
                "[<ask>] <events> [<there>] <ordered> [<there>] | [<ask>] [the] "
                "(sequence/order) of <events> [<there>] | [<ask>] what/which "
                "(sound_events/sounds/events|acoustic_events) "
                "(occur/happen/appear/are_heard|can_be_heard|do you hear|are there) [<there>] "
                "[and] <ordered> | [<ask>] what/which (sound_events/sounds/events) "
                "(occur/happen) [and] in (what/which) order | [<ask>] (what/which) is the "
                "(sequence/order) of <events> [<there>] | [<ask>] (what/which) sounds follow "
                "one another [<there>]"
            ),
            tails="list* them <ordered>|in order",
            terms=terms(
                events=(
                    "[<det>/all/every/all_the/each/all_of_the] (sound/audio/acoustic) "
                    "event+|[<det>/all/all_the/every/each] (sounds/events)"
                ),
                ordered=(
                    "(in/by) [the/their] [chronological/correct/temporal] (order|sequence) "
                    "[of_appearance/of_occurrence|[in which] [they/it] "
                    "(occur/appear/happen/are_heard)]|chronologically/in_order/sequentially|"
                    "one_after_another"
                ),
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
        family="sound events",
        family_reason="names the sound that is heard",
        definition="Name the sound that is heard.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] what (do/can) you hear [<there>] | [<ask>] what "
                "(makes/is_making/made/produces) <src> | [<ask>] [<det>] <noun> (and) (answer) "
                "(with) [its] (name/label)"
            ),
            terms=terms(
                noun="sound+/event+/sound_event+/acoustic_event+/audio_event+",
                adj="type_of/kind_of",
                done="heard/occurring/made",
                do="make/contain",
                does="occurs/happens/contains",
            ),
            plural=phrases("sounds events"),
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
        family="sound events",
        family_reason="names the sounds that are heard, with their times",
        definition="Name the sounds with their start and end times.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            asks=(
                "[<ask>|locate*/mark*] <events> [<there>] (<timed>|in time|and (their/the) "
                "<timewords>) [<there>] | detect* [all/all_the/the] "
                "(sound_events/acoustic_events/audio_events) [<there>] [and "
                "(give*/mark*/list*/label*) [their/the] (<timewords>)] | (locate*/mark*) "
                "<events> [<there>] | [<ask>] when (does/do) (each/every|all_the/the) "
                "(sound_event/sound/event/sound_events/sounds/events|acoustic_event) <startend> "
                "[<there>] | [<ask>] when (each/every) (sound_event/sound/event) <startend> "
                "[<there>] | [<ask>] (what/which) (sound_events/sounds/events) "
                "(occur/happen/appear/are_heard) [<there>] and when | [<ask>] when (does/do) "
                "which (sound_event/event/sound) <startend> | (detect*/identify*) <events> "
                "[<there>] and give* (onset offset and name|onset and offset) of each | "
                "<perform> sound event detection [on <sub>]"
            ),
            terms=terms(
                events=(
                    "[<det>/all/every/all_the/each/all_of_the] (sound/audio/acoustic) "
                    "event+|[<det>/all/all_the/every/each] (sounds/events)"
                ),
                units="seconds/sec/s",
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
        family="sound events",
        family_reason="names the place by the sounds that are heard",
        definition="Name the environment in which a recording was made.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] where (was/is/were) [<sub>] [being] "
                "(recorded/made/captured/taken) | [<ask>] where <sub> (was/is) "
                "(recorded/made/captured) | [<ask>] where (does/do) (<sub>|[<det>] "
                "(scene/recording)) take place | [<ask>] [in/at] what/which [<adj>] "
                "(<noun>|place/location/setting) (was/is) (<subj>) (made/recorded/taken) [in] | "
                "[<ask>] what/which (<noun>|place) does (<sub>|[<det>] scene) "
                "(sound_like|come_from) | [<ask>] what/which [<adj>] (place/location) (is "
                "(this/it)|(this/it) is)"
            ),
            terms=terms(
                noun=("scene+/acoustic_scene+/environment+/acoustic_environment+/surroundings"),
                adj="acoustic/type_of/kind_of|(type/kind) of acoustic",
                done="recorded/made",
                prep="in/at/from",
                do="come_from/represent",
                does="comes_from/represents",
            ),
            plural=phrases("scenes environments"),
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
        family="captions",
        family_reason="describes what is heard in a sentence",
        definition="Describe what is heard in a sentence.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="caption",
        question=PlainQuestion(
            asks=(
                "<describe> | [<tell>] what [is] (happening/happens/going_on/can_be_heard|[is] "
                "heard) [<there>] [<sentence>] | [<tell>] what (is/can_be) (heard/happening) "
                "[<there>] | [<tell>] [<sentence>] what [do/can] you hear [<there>]"
            ),
            tails="<describetail>",
            terms=terms(
                shown=(
                    "<src>|what (is happening|can be heard|is heard|happens) [<there>]|what you "
                    "hear [<there>]|[<det>] [audio/sound] content [of/in <src>]|[<det>] sound+ "
                    "[that] you hear"
                ),
            ),
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
        family="sound events",
        family_reason="answers from the sounds that are heard",
        definition="Answer a question about the sounds that are heard.",
        inputs=(InputPiece("question", "text"), InputPiece("audio", "audio")),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "(answer*/respond*_to) [to] [the/this/following/a] [following/given] question "
                "[(based_on/about/on/from/using/according_to/for) <sub>] | answer"
            ),
        ),
        metrics=("accuracy", "rouge_l"),
        attributes=("event",),
        corpora=("Vocal Imitation Set",),
        note="In the paper the question is the instruction; here it is a piece of the input.",
    ),
    TaskRow(
        minor="Deepfake Audio Detection",
        group=AUDIO_DETECTION,
        family="forgery",
        family_reason="hears traces of synthesis, in any audio",
        definition="Say whether audio of any kind is a real recording or was generated.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<choice> | <fakecheck>",
            terms=terms(
                rf="deepfake/fake/genuine/real/synthetic/authentic",
                fakecheck=(
                    "[<ask>] (deepfake/fake/synthetic) [audio/sound] [in <sub>] | <perform> "
                    "[audio] deepfake detection [on <sub>] | [<ask>] [<ifwords>] (is "
                    "<subj>|<subj> is) [a/an] <rf> [<kind>] [<media>|<body>] [or [a/an] <rf> "
                    "[one/<media>/<body>]] | <listed> [<subj>] | [<ask>] [<det>] authenticity "
                    "of <sub> | <listed> [<ask>] [<ifwords>] (was <subj>|<subj> was) "
                    "[made/recorded] [by]"
                ),
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
        family="speech activity",
        family_reason="tells speech from other sound over time",
        definition="Give the intervals in which somebody speaks.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            asks=(
                "(<ask>|locate*/mark*) [the/all/every/all_the/all_of_the] <parts> "
                "[<timed>|<there>] [<unit>] | (<ask>|locate*/mark*) [the/all/all_the] "
                "<timewords> (of/for) [each/every/all/the] [<parts>/speech/voice_activity] "
                "[<unit>] | (detect*/mark*/locate*) [the] (voice/speech/voice_activity) "
                "[<there>] | [<ask>] (when|at_which_times/at_what_times) (is/are/does/do) "
                "(someone/somebody/anyone/a_person/people/a_speaker|<who>) "
                "(speaking/talking/speak/talk) [<there>] | [<ask>] "
                "(when|at_which_times/at_what_times) is [there] (speech|voice_activity) "
                "[present] [<there>] | [<ask>] when is speech (present/heard) | [<ask>] when "
                "(someone/somebody) (speaks/is_speaking/talks/is_talking) [<there>] | <perform> "
                "voice activity detection [on <sub>] | find* the voice activity"
            ),
            tails="give* (start and end|<timewords>) of every stretch of speech",
            terms=terms(
                parts=(
                    "(speech/voiced/voice) "
                    "(segments/parts/regions/intervals/sections/stretches)|(segments/parts/"
                    "regions/intervals/sections/stretches) "
                    "[of <src>] (with/of/containing/that_contain) "
                    "(speech/voice_activity)|(segments/parts/intervals) [of <src>] "
                    "(in_which/where/when) (someone/somebody/a_person) "
                    "(speaks/is_speaking/talks/is_talking)"
                ),
                units="seconds/sec/s",
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
        simulations=(SimulatedRecord("speech_times", ("place",)),),
    ),
    TaskRow(
        minor="Speech, Silence, Music and Noise Classification",
        group=AUDIO_CLASSIFICATION,
        family="speech activity",
        family_reason="tells speech from other sound",
        definition="Say whether a recording is speech, silence, music or noise.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<choice> | (classify*|<ask>) (<sub>|<src> content|[the] content of <src>) "
                "[<fromlist>] | classify* | [<ask>] what/which (type/kind/class/category) of "
                "(audio/sound/content) (is [<it>]|<it> is|does <sub> (contain/have)) [<there>] "
                "[<fromlist>] | [<ask>] (the|what_is_the) (type/class/category|(type/class) of "
                "(audio/sound)) [of <src>] | <listed> [<ask>] what does <sub> contain | [<ask>] "
                "what type of audio this is"
            ),
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
        family="speech activity",
        family_reason="tells speech from other sound over time",
        definition="Divide a recording into intervals of speech and of anything else.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            asks=(
                "(<ask>|mark*/locate*) [the/all/all_the] <sns> "
                "(segments/parts/regions/intervals/stretches|boundaries) [<timed>|<there>] "
                "[<unit>] | (segment*/split*/divide*/separate*) <sub> into <sns> "
                "[segments/parts/regions/intervals] | [<ask>] (which/what) "
                "(stretches/parts/segments) are speech and which are (nonspeech|non speech) | "
                "label* (each/every) (part/segment/stretch) [of <src>] as <sns> | <perform> "
                "<sns> detection | <sns> | [<ask>] when is there speech and when not | <listed> "
                "[speech]"
            ),
            terms=terms(
                sns="(speech (and/from/or/versus) (nonspeech|non speech))",
                units="seconds/sec/s",
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
        family="continuation and inpainting",
        family_reason="makes what is missing inside a recording",
        definition="Fill a gap in a recording.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(fill*/fill*_in/inpaint*/restore*/reconstruct*/repair*/recover*) [the/a] "
                "(gap/<missing>) [(of/in) <sub>] [<gap>] [(of/in) <sub>] | "
                "(inpaint*/restore*/repair*/reconstruct*) <sub> [<gap>] | "
                "(reconstruct*/restore*) [the] (audio/sound) that is (missing/lost) [<gap>] | "
                "[a/the] (part/segment/section) is missing [<gap>] (restore*/fill*/recover*) it"
            ),
            tails="restore* it|a part is missing <gap>",
            terms=terms(
                gap="(from/between/at/in/of) [the] [interval] @",
                missing="(missing/lost) (part/segment/section/audio/portion/samples)",
            ),
        ),
        metrics=("si_sdr", "si_sdr_gap", "lsd_gap"),
        attributes=("event",),
        slots=("gap",),
        corpora=("AudioSet",),
        improves="audio",
        optional_metrics=("mr_stft",),
        simulations=(SimulatedRecord("gap_filled", ("cut_gap",)),),
    ),
    TaskRow(
        minor="Audio Super-resolution",
        group=AUDIO_ENHANCEMENT,
        family="enhancement",
        family_reason="brings lost high frequencies back",
        definition="Restore the high frequencies of a recording of low sample rate.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(upsample*/upscale*/super_resolve*) <sub> [<rate_to>] | "
                "(increase*/raise*/improve*/enhance*/boost*/upgrade*) [<det>/its] "
                "(resolution/sampling_rate/sample_rate/audio_resolution) [of <sub>] [<rate_to>] "
                "| <perform> [audio] super resolution [on <sub>] [<rate_to>] | "
                "(restore*/recover*/reconstruct*) <high> [of <sub>] [up to [a] "
                "[sampling_rate/sample_rate] [of] @] | convert* <sub> to [a] [higher/high] "
                "(sampling_rate/sample_rate/resolution) of @"
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
        family="separation and extraction",
        family_reason="takes one source out of a mixture",
        definition="Extract the sound that a description names from a mixture.",
        inputs=(InputPiece("description", "text"), InputPiece("mixture", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(<sep>) <target> <frommix> | (<sep>) (what/whatever) [the] (text/description) "
                "describes <frommix> | keep* only <target> | pull* <target> out of [<det>] "
                "<mix> | separate* | <make> [me] <target> <frommix>"
            ),
            terms=terms(
                side="[<det>] <mix>",
                target=(
                    "[<det>] (described/target/requested) (sound/source/audio)|[<det>] "
                    "(sound/source) [that/which] [is] "
                    "(matches/match/fits|described_by|described_in|that_fits|of) [the] "
                    "(text/description) [description]|[<det>] (sound/source) [that] the "
                    "(text/description) describes"
                ),
            ),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "sdr"),
        attributes=("event",),
        twins=("label_querying_sound_extraction", "audio_querying_sound_extraction"),
        corpora=("WavCaps",),
        improves="mixture",
        optional_metrics=("mr_stft",),
        simulations=(SimulatedRecord("extracted_by_description", ("mix",)),),
    ),
    TaskRow(
        minor="Label-querying Sound Extraction",
        group=AUDIO_SEPARATION,
        family="separation and extraction",
        family_reason="takes one source out of a mixture",
        definition="Extract the sounds of a named class from a mixture.",
        inputs=(InputPiece("label", "text"), InputPiece("mixture", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(<sep>) [only] <target> <frommix> | take*_out [the] labelled sound [alone] | "
                "<make> [me] <target> <frommix> | (<sep>) <target> "
                "(according_to/based_on/using) the label <frommix>"
            ),
            terms=terms(
                side="[<det>] <mix>",
                target=(
                    "[<det>] (sound/sounds) "
                    "(of/with/from/for/that_matches/that_has/that_belongs_to/belonging_to) "
                    "[<det>] [given] (label/class/category)|[<det>] (labelled/labeled/target) "
                    "(sound/sounds)|[<det>] sound [class] (named_by/given_by) the label|[<det>] "
                    "sound of the class given by the label"
                ),
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
        family="separation and extraction",
        family_reason="takes one source out of a mixture",
        definition="Extract the sounds that are like an example from a mixture.",
        inputs=(
            InputPiece("query", "audio", phrases("query example reference target sample")),
            InputPiece("mixture", "audio", phrases("mixture mix mixed noisy overlapped")),
        ),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(<sep>) <target> <frommix> | (<sep>|take*_out) <frommix> (what|the kind of "
                "sound that) <likequery> | take* out of the mixture what <likequery> | (<sep>) "
                "<target> (using/with/based_on/according_to) [<det>] "
                "(query/example/query_audio|query <media>) <frommix> | (<sep>) <target2> "
                "(using/with/based_on/according_to) [<det>] (query/example|query <media>) "
                "<frommix> | find* in [<det>] <mix> <target> and extract* it"
            ),
            terms=terms(
                side="[<det>] <mix>",
                q=(
                    "[<det>] (query/example/reference/query_audio/query_sound) "
                    "[audio/clip/recording/sound]"
                ),
                likequery=(
                    "(sounds_like/resembles/matches|the query (sounds_like/holds)|is_like) "
                    "[the] [query] [sounds_like/holds]"
                ),
                target=(
                    "[<det>] (sound/sounds/audio/source) [that/which] [is/are/sounds] "
                    "(similar_to/like/matching/matches/resembles/resembling|sounds_like) "
                    "<q>|[<det>] target sound"
                ),
                target2="[<det>] target sound",
            ),
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
        family="sound from a description",
        family_reason="makes the sound that a text describes",
        definition="Make the sound that a description asks for.",
        inputs=(InputPiece("description", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "<gen> [<det>] <made> [<fromdesc>] | <gen> [<det>] described (sound/audio) | "
                "<gen> [<det>] sound that is described | (turn*/convert*/transform*) [<det>] "
                "[<given>] (text/description/caption) (into/to) [a] <made>"
            ),
            terms=terms(
                made=(
                    "sound/audio/audio_clip/sound_clip/soundscape/clip/recording/audio_recording/"
                    "sounds"
                ),
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
        family="sound from a description",
        family_reason="makes the sounds that a text describes, with their times",
        definition="Make sounds at the times that a description gives.",
        inputs=(InputPiece("description", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "<gen> [<det>] (audio/sound/sounds/audio_clip/soundscape|clip) "
                "(<fromdesc>|(according_to/from/that_follows/following/that_matches/based_on) "
                "[<det>] (timed_description/timestamps/time_marks/times|timed "
                "description|(description/text) with (times/timestamps)) [in [<det>] "
                "(text/description)]) | <gen> [<det>] [described] sounds at [<det>] "
                "(given/stated/described) times | <gen> [<det>] (clip/audio) in which [<det>] "
                "(events/sounds) (occur/happen) at [<det>] times (in/of/given_in) the "
                "(text/description) | generate*"
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
        family="continuation and inpainting",
        family_reason="makes what is missing after a recording",
        definition="Continue a recording.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(continue*/extend*/prolong*/carry*_on) <sub> [seamlessly/naturally] | "
                "continue* | <gen> [<det>] continuation [of/for <sub>] | how (does) <sub> go on "
                "| what comes next"
            ),
        ),
        metrics=("mr_stft", "mcd"),
        attributes=("event", "scene"),
        corpora=("WavCaps",),
        optional_metrics=("fad", "clap_score"),
        simulations=(SimulatedRecord("continuation", ("take",)),),
    ),
)
