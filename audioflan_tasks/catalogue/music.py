"""The 28 tasks of the music domain, in the order of the paper's Table 1."""

from __future__ import annotations

from audioflan_tasks.catalogue.majors import (
    GLOBAL_MIR,
    MULTIPLE_REASONING,
    MUSIC_CAPTION,
    MUSIC_GENERATION,
    MUSIC_SEPARATION,
    SEQUENTIAL_MIR,
    SINGLE_REASONING,
)
from audioflan_tasks.catalogue.question import AnswerPattern, PlainQuestion, Polarity, phrases
from audioflan_tasks.catalogue.row import InputPiece, TaskRow

AUDIO = InputPiece("audio", "audio")

NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
KEYS = tuple(f"{note} {mode}" for mode in ("major", "minor") for note in NOTES)

MUSIC: tuple[TaskRow, ...] = (
    TaskRow(
        minor="Key Detection",
        group=GLOBAL_MIR,
        definition="Name the key of a piece: tonic and mode.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases("key key_signature tonic_mode musical_key"),
            unsure=phrases("relative/parallel_key"),
        ),
        answer_patterns=(
            AnswerPattern("sharps", "[A-G]#? (?:major|minor)", is_value=True),
            AnswerPattern("tonic and mode", "[A-G][b#♭♯]? (?:[Mm]ajor|[Mm]inor)", is_value=True),
            AnswerPattern("key", r"[A-G][^\n]*"),
        ),
        answer_nouns=(
            "key",
            "musical key",
            "key signature",
            "tonality",
            "piece",
            "music",
            "song",
            "调性",
            "调",
            "音调",
        ),
        metrics=("key_score", "accuracy"),
        attributes=("key",),
        labels=KEYS,
        twins=("key_comparison",),
        corpora=("AAM", "Freesound Loop Dataset"),
        held_out_by_default=True,
    ),
    TaskRow(
        minor="Scale Recognition",
        group=GLOBAL_MIR,
        definition="Name the scale that is played.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("scales"),
            words=phrases("scale type kind musical_scale play"),
        ),
        answer_nouns=("scale", "mode", "musical scale", "音阶", "调式"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("key",),
        corpora=("JazzNet",),
    ),
    TaskRow(
        minor="Music Tagging",
        group=GLOBAL_MIR,
        definition="Give the tags that describe a piece: genre, instruments, mood, tempo.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="labels",
        question=PlainQuestion(
            words=phrases("tag describe annotate keyword descriptive apply relevant"),
        ),
        answer_nouns=("tag", "label", "descriptor", "music", "标签"),
        metrics=("set_f1", "exact_set"),
        attributes=("genre", "instrumental"),
        corpora=("MTG-Jamendo",),
    ),
    TaskRow(
        minor="Genre Classification",
        group=GLOBAL_MIR,
        definition="Name the genre or style of a piece.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("genres styles all every"),
            words=phrases("genre style music/musical_genre belong category"),
        ),
        answer_nouns=(
            "genre",
            "style",
            "music genre",
            "this",
            "it",
            "music",
            "song",
            "track",
            "piece",
            "流派",
            "曲风",
            "风格",
            "音乐流派",
        ),
        several_labels=True,
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("genre",),
        corpora=("CSD", "MTG-Jamendo", "Freesound Loop Dataset"),
    ),
    TaskRow(
        minor="Emotion Classification",
        group=GLOBAL_MIR,
        definition="Name the mood that a piece of music expresses.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("emotions moods feelings all every"),
            words=phrases(
                "emotion emotional mood feeling evoke express convey emotional_tone/character"
            ),
        ),
        answer_nouns=(
            "emotion",
            "mood",
            "theme",
            "feeling",
            "music",
            "song",
            "track",
            "piece",
            "情绪",
            "情感",
            "氛围",
        ),
        several_labels=True,
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("emotion",),
        labels=("happy", "angry", "sad", "relaxed"),
        twins=("emotion_comparison",),
        corpora=("MTG-Jamendo",),
        note="Not the same task as Emotion Recognition, which is about speech.",
    ),
    TaskRow(
        minor="Pitch Classification",
        group=GLOBAL_MIR,
        definition="Name the pitch of a single note.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="note",
        question=PlainQuestion(
            words=phrases("pitch note tone musical_note play"),
            details=(("octave",),),
        ),
        answer_nouns=(
            "pitch",
            "note",
            "tone",
            "midi pitch",
            "midi number",
            "midi note",
            "pitch class",
            "音高",
            "音符",
        ),
        metrics=("note_accuracy", "pitch_class_accuracy"),
        attributes=("pitch",),
        corpora=("NSynth",),
    ),
    TaskRow(
        minor="Instrument Classification",
        group=GLOBAL_MIR,
        definition="Name the instrument that is played.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("instruments all every"),
            words=phrases("instrument musical_instrument play"),
        ),
        answer_nouns=("instrument", "instrumentation", "this", "it", "乐器"),
        several_labels=True,
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("instrumental", "timbre"),
        twins=("instrument_comparison",),
        corpora=("AAM", "MTG-Jamendo", "NSynth"),
        names_heard="instruments",
    ),
    TaskRow(
        minor="Vocal Technique Classification",
        group=GLOBAL_MIR,
        definition="Name the technique with which a voice sings.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("techniques"),
            words=phrases(
                "technique vocal singing sing singer sung vocal/singing_technique how_sung type "
                "kind"
            ),
        ),
        answer_nouns=("technique", "vocal technique", "singing technique", "技巧", "唱法"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("vocals",),
        labels=("straight", "vibrato", "staccato", "glissando"),
        corpora=("VocalSet",),
        held_out_by_default=True,
    ),
    TaskRow(
        minor="Instrumental Technique Classification",
        group=GLOBAL_MIR,
        definition="Name the technique with which an instrument is played.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("techniques"),
            words=phrases(
                "technique playing instrumental playing_technique "
                "instrument/instrumental_technique how_play type kind"
            ),
        ),
        answer_nouns=(
            "technique",
            "playing technique",
            "instrumental technique",
            "技巧",
            "技法",
            "演奏技法",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("instrumental", "timbre"),
        twins=("instrumental_technique_comparison",),
        corpora=("CCOM-HuQin",),
    ),
    TaskRow(
        minor="Artist Identification",
        group=GLOBAL_MIR,
        definition="Name the artist from a set of options.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            plural=phrases("artists performers musicians"),
            words=phrases(
                "artist performer musician who perform who_artist who_perform by musical_artist"
            ),
        ),
        answer_nouns=(
            "artist",
            "performer",
            "musician",
            "singer",
            "band",
            "song",
            "piece",
            "track",
            "music",
            "艺术家",
            "歌手",
            "表演者",
        ),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("timbre",),
        corpora=("FMA",),
    ),
    TaskRow(
        minor="Beat Tracking",
        group=SEQUENTIAL_MIR,
        definition="Give the times of all beats in seconds.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="times",
        question=PlainQuestion(
            words=phrases(
                "beat track tracking time position timestamp beat_time tap when occur fall happen "
                "mark locate all every each"
            ),
            details=(("seconds", "sec", "s", "秒"),),
        ),
        answer_nouns=("beat", "beat time", "beat position", "timestamp", "节拍", "拍点"),
        metrics=("beat_f1", "beat_cmlt", "beat_amlt"),
        attributes=("rhythm",),
        corpora=("AAM",),
    ),
    TaskRow(
        minor="Chord Estimation",
        group=SEQUENTIAL_MIR,
        definition="Give the chords with their start and end times.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            words=phrases(
                "chord sequence transcribe time when each every all timestamp label "
                "start/begin_end/stop/finish onset_offset start/begin_time_end/stop_time "
                "from_when_to_when"
            ),
            details=(("seconds", "sec", "s", "秒"),),
        ),
        answer_nouns=("chord", "chord sequence", "chord progression", "harmony", "和弦"),
        metrics=("chord_majmin", "chord_root", "chord_sevenths"),
        attributes=("chord",),
        corpora=("AAM",),
    ),
    TaskRow(
        minor="Progression Extraction",
        group=SEQUENTIAL_MIR,
        definition="Give the chord progression as Roman numerals.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="progression",
        question=PlainQuestion(
            words=phrases("chord progression chord_progression extract harmonic extraction"),
            details=(("roman", "numerals"),),
        ),
        answer_nouns=("progression", "chord progression", "chord number sequence", "和弦进行"),
        metrics=("edit_similarity", "exact_match"),
        attributes=("chord",),
        corpora=("JazzNet",),
    ),
    TaskRow(
        minor="Beat-level Instrument Recognition",
        group=SINGLE_REASONING,
        definition="Name the instruments that sound on a given beat.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="labels",
        question=PlainQuestion(
            words=phrases(
                "instrument musical_instrument play sound active beat beat_number hear occur"
            ),
            unsure=phrases("main/lead_instrument"),
        ),
        answer_nouns=("instrument", "instrumentation", "乐器"),
        metrics=("set_f1", "exact_set"),
        attributes=("instrumental",),
        slots=("beat",),
        corpora=("AAM",),
        note="Table 1 prints Beat-level Instruments Recognition.",
        names_heard="instruments",
    ),
    TaskRow(
        minor="Beat-level Pitch Estimation",
        group=SINGLE_REASONING,
        definition="Name the melody note on a given beat.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="note",
        question=PlainQuestion(
            words=phrases(
                "pitch note melody melodic beat beat_number play sound melody_note occur"
            ),
        ),
        answer_nouns=("pitch", "note", "tone", "midi pitch", "midi number", "音高", "音符"),
        metrics=("note_accuracy", "pitch_class_accuracy"),
        attributes=("pitch", "melody"),
        slots=("beat",),
        corpora=("AAM", "CSD", "Vocadito"),
        held_out_by_default=True,
    ),
    TaskRow(
        minor="Tempo Comparison",
        group=MULTIPLE_REASONING,
        definition="Say which of two excerpts is faster, or that both have the same tempo.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases("tempo speed two both pair compare comparison excerpt bpm rhythm pulse"),
            polarity=Polarity(
                asks=phrases(
                    "faster quicker higher/greater/quicker/faster_tempo/speed/bpm "
                    "more_beats_minute higher_speed tempo_faster/higher faster_slower_or_same"
                ),
                opposite=phrases("slower slow lower/slower_tempo/speed/bpm fewer_beats_minute"),
                forms=("first/second",),
            ),
        ),
        answer_nouns=("comparison", "比较结果"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("rhythm",),
        labels=("first", "second", "same"),
        corpora=("GTZAN-Rhythm", "Freesound Loop Dataset"),
        opposites=("faster", "slower"),
    ),
    TaskRow(
        minor="Instrument Comparison",
        group=MULTIPLE_REASONING,
        definition="Say whether two excerpts are played on the same instrument.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases(
                "instrument musical_instrument feature use two both pair compare comparison "
                "excerpt play first_second belong"
            ),
            polarity=Polarity(
                asks=phrases("same identical match equal agree share same_or_not"),
                opposite=phrases("different differ distinct"),
                forms=("yes/no", "true/false"),
            ),
            unsure=phrases("how_instrument_play"),
        ),
        answer_nouns=("they", "instrument", "excerpt", "instrumentation", "乐器"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("instrumental", "timbre"),
        labels=("yes", "no"),
        twins=("instrument_classification",),
        corpora=("NSynth",),
    ),
    TaskRow(
        minor="Key Comparison",
        group=MULTIPLE_REASONING,
        definition="Say whether two excerpts are in the same key.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases(
                "key musical_key tonality two both pair compare comparison excerpt play "
                "first_second belong"
            ),
            polarity=Polarity(
                asks=phrases("same identical match equal agree share same_or_not"),
                opposite=phrases("different differ distinct"),
                forms=("yes/no", "true/false"),
            ),
            unsure=phrases("relative/parallel_key"),
        ),
        answer_nouns=("they", "key", "excerpt", "调性"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("key",),
        labels=("yes", "no"),
        twins=("key_detection",),
        corpora=("GiantSteps Key",),
    ),
    TaskRow(
        minor="Instrumental Technique Comparison",
        group=MULTIPLE_REASONING,
        definition="Say whether two excerpts are played with the same technique.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases(
                "technique playing playing_technique instrument/instrumental_technique perform use "
                "two both pair compare comparison excerpt play first_second belong"
            ),
            polarity=Polarity(
                asks=phrases("same identical match equal agree share same_or_not"),
                opposite=phrases("different differ distinct"),
                forms=("yes/no", "true/false"),
            ),
        ),
        answer_nouns=("they", "technique", "excerpt", "技法"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("instrumental", "timbre"),
        labels=("yes", "no"),
        twins=("instrumental_technique_classification",),
        corpora=("CCOM-HuQin",),
    ),
    TaskRow(
        minor="Emotion Comparison",
        group=MULTIPLE_REASONING,
        definition="Say whether two excerpts express the same mood.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            words=phrases(
                "emotion emotional mood feeling express convey evoke two both pair compare "
                "comparison excerpt play first_second belong"
            ),
            polarity=Polarity(
                asks=phrases("same identical match equal agree share same_or_not"),
                opposite=phrases("different differ distinct"),
                forms=("yes/no", "true/false"),
            ),
        ),
        answer_nouns=("they", "emotion", "mood", "excerpt", "情绪", "情感"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("emotion",),
        labels=("yes", "no"),
        twins=("emotion_classification",),
        corpora=("MTG-Jamendo",),
        note="Missing in Table 1 of the first version; 80 is right only with it.",
    ),
    TaskRow(
        minor="Music Caption",
        group=MUSIC_CAPTION,
        definition="Describe a piece of music in a sentence.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="caption",
        question=PlainQuestion(
            words=phrases("caption describe description write"),
            details=(("sentence", "sentences", "one sentence", "single sentence", "一句"),),
        ),
        answer_nouns=("caption", "description", "music caption", "描述", "音乐描述", "英文简介"),
        metrics=("rouge_l", "cider_d", "meteor", "bleu"),
        attributes=("genre", "instrumental"),
        inverse=("text_to_music_generation",),
        swaps=("text_to_music_generation",),
        corpora=("MusicCaps", "Freesound Loop Dataset"),
    ),
    TaskRow(
        minor="Melody Extraction",
        group=MUSIC_SEPARATION,
        definition="Give the melody as pitch over time.",
        inputs=(AUDIO,),
        writes=("text", "audio"),
        answer="contour",
        question=PlainQuestion(
            words=phrases("melody extract extraction pitch contour over_time main_melody time"),
            details=(("seconds", "sec", "s", "秒"), ("hz", "hertz")),
        ),
        answer_nouns=("melody", "melody contour", "contour", "pitch contour", "旋律"),
        metrics=("melody_accuracy", "melody_pitch_accuracy", "melody_chroma_accuracy"),
        attributes=("melody", "pitch"),
        corpora=("MedleyDB",),
        note="Counts as generation in Table 2; appendix A.1 asks for text, Figure 2 shows audio.",
    ),
    TaskRow(
        minor="Text-guided Source Separation",
        group=MUSIC_SEPARATION,
        definition="Extract the part that a text names from mixed music.",
        inputs=(InputPiece("target", "text"), InputPiece("mixture", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "describe separate separation extract extraction "
                "isolate isolation part named request "
                "source stem mix mixed mixture target describe description text track specified "
                "requested"
            ),
            unsure=phrases("extract/isolate/separate_mix/mixture_part/stem/target"),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "sdr"),
        attributes=("instrumental", "vocals"),
        corpora=("MedleyVox", "MoisesDB"),
        improves="mixture",
        optional_metrics=("mr_stft",),
    ),
    TaskRow(
        minor="Text-to-music Generation",
        group=MUSIC_GENERATION,
        definition="Make music that fits a description.",
        inputs=(InputPiece("description", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "describe turn convert generate generation create compose "
                "description text prompt fit match described "
                "textual caption text_description"
            ),
        ),
        metrics=("mr_stft", "chroma_similarity", "mcd"),
        attributes=("genre", "instrumental", "ethnomusicology"),
        inverse=("music_caption",),
        swaps=("music_caption",),
        twins=("text_guided_music_continuation",),
        corpora=("Freesound Loop Dataset", "MusicCaps", "CompMusic"),
        optional_metrics=("fad", "clap_score"),
    ),
    TaskRow(
        minor="Text-guided Music Continuation",
        group=MUSIC_GENERATION,
        definition="Continue a piece of music as a description asks.",
        inputs=(InputPiece("description", "text"), InputPiece("prompt", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "describe continue continuation extend "
                "prompt description text described music_prompt "
                "audio_prompt generate guided textual text_description"
            ),
        ),
        metrics=("mr_stft", "chroma_similarity", "mcd"),
        attributes=("ethnomusicology", "instrumental"),
        twins=("text_to_music_generation",),
        corpora=("CompMusic",),
        optional_metrics=("fad", "clap_score"),
    ),
    TaskRow(
        minor="Lyrics-to-song Generation",
        group=MUSIC_GENERATION,
        definition="Make a song, voice and accompaniment, from lyrics.",
        inputs=(InputPiece("lyrics", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases("song lyrics compose generate create lyric turn write sing"),
        ),
        metrics=("mr_stft", "chroma_similarity", "mcd"),
        attributes=("vocals", "melody"),
        twins=("singing_voice_synthesis",),
        corpora=("CSD", "Vocadito", "Opencpop", "OpenSinger"),
        optional_metrics=("log_f0_rmse", "fad", "clap_score"),
    ),
    TaskRow(
        minor="Singing Voice Synthesis",
        group=MUSIC_GENERATION,
        definition="Sing given lyrics on given notes.",
        inputs=(InputPiece("score", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "sing score note lyrics synthesize synthesis singing_voice generate create lyric "
                "pitch duration"
            ),
        ),
        metrics=("mcd", "chroma_similarity", "duration_error"),
        attributes=("vocals", "pitch"),
        twins=("lyrics_to_song_generation",),
        corpora=("CSD", "Vocadito", "Opencpop", "OpenSinger"),
        optional_metrics=("log_f0_rmse", "fad", "clap_score"),
    ),
    TaskRow(
        minor="Singing Voice Conversion",
        group=MUSIC_GENERATION,
        definition="Sing what one voice sings in the voice of another.",
        inputs=(
            InputPiece("source", "audio", phrases("source content original convert")),
            InputPiece(
                "reference", "audio", phrases("reference target speaker singer prompt timbre")
            ),
        ),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "convert conversion singing singer reference target reference_singer/voice "
                "target_singer/voice convert/transform/change_source "
                "convert/transform/change_voice/singing/vocals/song_source vocals vocal "
                "convert/transform/change_source_voice/singing/vocals/singer "
                "sing_first_recording/clip/song/vocal_voice_second timbre transform change voice "
                "sound_like"
            ),
            unsure=phrases(
                "convert/transform/change_reference/target "
                "convert/transform/change_voice/singing/vocals/song_reference/target"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("vocals", "timbre"),
        twins=("voice_conversion",),
        corpora=("OpenSinger", "M4Singer"),
        optional_metrics=("log_f0_rmse", "fad", "clap_score", "speaker_similarity"),
    ),
)
