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
from audioflan_tasks.catalogue.question import (
    AnswerPattern,
    PlainQuestion,
    Polarity,
    phrases,
    terms,
)
from audioflan_tasks.catalogue.row import InputPiece, SimulatedRecord, TaskRow

AUDIO = InputPiece("audio", "audio")

NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
KEYS = tuple(f"{note} {mode}" for mode in ("major", "minor") for note in NOTES)

MUSIC: tuple[TaskRow, ...] = (
    TaskRow(
        minor="Key Detection",
        group=GLOBAL_MIR,
        family="key and harmony",
        family_reason="hears tonic and mode",
        definition="Name the key of a piece: tonic and mode.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                who="<>",
                noun="key/keys/musical_key/key_signature/tonality",
                do="have/use",
                does="has/uses",
                done="written/played",
                adj="musical",
                prep="in",
            ),
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
    ),
    TaskRow(
        minor="Scale Recognition",
        group=GLOBAL_MIR,
        family="key and harmony",
        family_reason="hears which notes belong to the key",
        definition="Name the scale that is played.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                noun="scale+/musical_scale+/scale_type/type_of_scale",
                do="use/have",
                does="uses/has",
                done="played/used/heard",
                adj="musical/type_of/kind_of",
                prep="in",
                made="plays",
            ),
            plural=phrases("scales"),
        ),
        answer_nouns=("scale", "mode", "musical scale", "音阶", "调式"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("key",),
        corpora=("JazzNet",),
    ),
    TaskRow(
        minor="Music Tagging",
        group=GLOBAL_MIR,
        family="character of music",
        family_reason="names genre, mood and instruments of a piece",
        definition="Give the tags that describe a piece: genre, instruments, mood, tempo.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="labels",
        question=PlainQuestion(
            asks=(
                "<attribute> | (tag*/annotate*/label*) <sub> [with "
                "[suitable/descriptive/relevant/appropriate] tags] | "
                "(generate*/assign*/produce*/create*/list*/provide*/give*/suggest*/write*/add*) "
                "[me] [<adj>] tags [for/to/of/that_describe/describing/that_apply_to/that_fit "
                "<sub>] | [<ask>] what/which [<adj>] tags "
                "(describe/fit/apply_to/suit/would_you_give/characterize) <sub>"
            ),
            terms=terms(
                noun="tags/keywords",
                adj="descriptive/relevant/suitable/appropriate/music/musical",
                done="that_describe/describing",
            ),
        ),
        answer_nouns=("tag", "label", "descriptor", "music", "标签"),
        metrics=("set_f1", "exact_set"),
        attributes=("genre", "instrumental"),
        corpora=("MTG-Jamendo",),
    ),
    TaskRow(
        minor="Genre Classification",
        group=GLOBAL_MIR,
        family="character of music",
        family_reason="names the genre, which is a tag",
        definition="Name the genre or style of a piece.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] what/which (kind/type/sort/style) of music (is "
                "(this/it/<src>)|(this/it) is|do you hear)"
            ),
            terms=terms(
                who="<>",
                noun=(
                    "genre+/style+/music_genre+/musical_genre+/musical_style+/music_style/"
                    "style_of_music"
                ),
                do="belong/belong_to/have",
                does="belongs/belongs_to/has",
                adj="musical/music",
                prep="in/to",
                done="played",
            ),
            plural=phrases("genres styles all every"),
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
        family="character of music",
        family_reason="names the mood, which is a tag",
        definition="Name the mood that a piece of music expresses.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                who="<>",
                noun="emotion+/mood+/feeling+/emotional_tone",
                do="express/convey/evoke/have",
                does="expresses/conveys/evokes/has",
                done="expressed/conveyed/evoked",
                adj=("emotional/musical/dominant/main/overall/general/kind_of/type_of"),
            ),
            plural=phrases("emotions moods feelings all every"),
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
        family="pitch",
        family_reason="names the pitch of a note",
        definition="Name the pitch of a single note.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="note",
        question=PlainQuestion(
            asks="<attribute> | <perform> pitch classification",
            terms=terms(
                noun="pitch+/note+/musical_note+/note_name",
                own="note/tone",
                do="have",
                does="has",
                done="played/sounding/heard/sung",
                adj="musical",
            ),
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
        family="instruments",
        family_reason="names the instrument",
        definition="Name the instrument that is played.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                noun="instrument+/musical_instrument+",
                do="use/feature/contain",
                does="uses/features/contains/has/plays/play/is_playing/are_playing",
                done="played/playing/used/featured",
                adj="musical",
                prep="on/by/with",
                made="produced_the_sound",
            ),
            plural=phrases("instruments all every"),
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
        family="technique",
        family_reason="names how a sound is produced, by a voice",
        definition="Name the technique with which a voice sings.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                noun="technique+/vocal_technique+/singing_technique+",
                do="use/employ/apply/sing_with",
                does="uses/employs/applies",
                done="used/employed/applied/sung/performed",
                adj="vocal/singing",
                prep="with/in",
            ),
            plural=phrases("techniques"),
        ),
        answer_nouns=("technique", "vocal technique", "singing technique", "技巧", "唱法"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("vocals",),
        labels=("straight", "vibrato", "staccato", "glissando"),
        corpora=("VocalSet",),
    ),
    TaskRow(
        minor="Instrumental Technique Classification",
        group=GLOBAL_MIR,
        family="technique",
        family_reason="names how a sound is produced, on an instrument",
        definition="Name the technique with which an instrument is played.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<attribute>",
            terms=terms(
                noun=(
                    "technique+/playing_technique+/instrumental_technique+/performance_technique"
                ),
                do="use/employ/show",
                does="uses/employs/shows",
                done=(
                    "used/employed/applied/played/performed|used "
                    "(to_play/in_playing/for_playing) <sub>"
                ),
                adj="playing/instrumental/instrument",
                prep="with/in",
                whoelse="instrument",
                own="instrument",
            ),
            plural=phrases("techniques"),
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
        family="speaker identity",
        family_reason="tells singers and players apart",
        definition="Name the artist from a set of options.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<attribute> | [<ask>] who (is) [<det>] <noun> <of> [<fromlist>] | [<ask>] who "
                "(performed/performs/plays/played/sings/sang) [<sub>] [<fromlist>] | [<ask>] "
                "who <det> <noun> is"
            ),
            terms=terms(
                noun="artist+/performer+/musician/band",
                made=(
                    "performed/performs/plays/played/sings/sang/is_playing/is_performing|(is/was) "
                    "(performing/playing) <sub>"
                ),
                done="performed/playing/performing",
                do="perform",
                prep="by",
            ),
            plural=phrases("artists performers musicians"),
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
        family="tempo and beats",
        family_reason="finds the beats",
        definition="Give the times of all beats in seconds.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="times",
        question=PlainQuestion(
            asks=(
                "(track*/locate*/mark*/find*/detect*/identify*/note*/estimate*/annotate*) "
                "[the/all/every/all_the/all_of_the] beat+ <there2> [<unit>] [and (list*/give*) "
                "[their/the] times [<unit>]] | [<ask>|mark*/locate*] [the/all/all_the] "
                "(beat/beats) (times/positions/timestamps/time_stamps/locations/time) <there2> "
                "[<unit>] | [<ask>|<make>|list*] [the/all] "
                "(times/positions/timestamps/locations) of [the/all/each/every/all_the] beat+ "
                "<there2> [<unit>] | [<ask>] "
                "(when|at_what_times/at_which_times/at_which_moments) (do/does) "
                "[the/each/every] beat+ (occur/fall/happen/take_place) <there2> [<unit>] | "
                "[<ask>] when the beats (occur/fall) <there2> | [<ask>] where are the beats "
                "<there2> | (list*/give*/provide*/output*) [me] [the/all/all_the] beats "
                "<there2> [<unit>] | <perform> beat tracking [on <sub>]"
            ),
            terms=terms(
                there2="[(of/in/for/on/from) <sub>]",
                units="seconds/sec/s",
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
        family="key and harmony",
        family_reason="hears which notes sound together",
        definition="Give the chords with their start and end times.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="intervals",
        question=PlainQuestion(
            asks=(
                "[<ask>|transcribe*] [the/all] <chords> <there2> [(with/and/including) "
                "[the/their/its] (times/timing|start and end [times]|start times and end "
                "times|timestamps|boundaries)] [<unit>] | [<ask>] what/which <chords> (are/is) "
                "[being] (played/heard/used) <there2> | [<ask>] what/which <chords> do you hear "
                "<there2> | [<ask>] what/which are the <chords> <there2> | [<ask>] what/which "
                "<chords> (are/is) (played/heard/used) <there2> and when [does each start and "
                "end/do_they_occur] | (give*/list*/mark*) [the] <chords> with (start and "
                "end|their start and end times) [<unit>] | <perform> chord "
                "(estimation/recognition) [on <sub>]"
            ),
            terms=terms(
                chords="(chords/chord_sequence/chord_labels)",
                there2="[(of/in/for/on/from) <sub>]",
                units="seconds/sec/s",
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
        family="key and harmony",
        family_reason="hears chords as degrees of the key",
        definition="Give the chord progression as Roman numerals.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="progression",
        question=PlainQuestion(
            asks=(
                "(extract*|<ask>|transcribe*) [the] <prog> <there2> [in roman "
                "numerals/as_roman_numerals] | [<ask>] what/which is [the] <prog> <there2> | "
                "[<ask>] what/which <prog> (is [being] (played/used/heard)|does <sub> use|do "
                "you hear) <there2> | [<ask>] what [the] <prog> <there2> is"
            ),
            terms=terms(
                prog="[harmonic/chord] (progression)",
                there2="[(of/in/for/on/from) <sub>|used in <sub>]",
            ),
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
        family="instruments",
        family_reason="names the instruments at one beat",
        definition="Name the instruments that sound on a given beat.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="labels",
        question=PlainQuestion(
            asks=(
                "[<atbeat>] [<ask>] what/which [musical] instruments (are|is) [being] "
                "(playing/played/active/sounding/heard/present) <at2> | [<atbeat>] [<ask>] "
                "what/which [musical] instruments (play/sound/can_be_heard|<hearing>) <at2> | "
                "[<atbeat>] [<ask>|list*] [the/all/all_the] [musical] instruments [that "
                "(play/are_playing/sound/are_played/are_active)|playing/played/active/sounding/"
                "heard] "
                "<at2>"
            ),
            terms=terms(
                at2="[<atbeat>] [(of/in/for) <sub>]",
            ),
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
        family="pitch",
        family_reason="names the pitch of a note of the melody",
        definition="Name the melody note on a given beat.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="note",
        question=PlainQuestion(
            asks=(
                "[<atbeat>] [<ask>] what/which is [the] <pitch> <at2> | [<atbeat>] [<ask>] "
                "what/which <pitch> (is [being] "
                "(played/heard|on/at|sung)|sounds/occurs|<hearing>) <at2> | [<atbeat>] [<ask>] "
                "[the] <pitch> [played/sounding/heard/that_sounds/that_is_played] <at2> | "
                "[<ask>] what/which <pitch> is <at2>"
            ),
            terms=terms(
                pitch="[melody/melodic] (pitch/note)",
                at2="<atbeat> [(of/in/for) <sub>]",
            ),
        ),
        answer_nouns=("pitch", "note", "tone", "midi pitch", "midi number", "音高", "音符"),
        metrics=("note_accuracy", "pitch_class_accuracy"),
        attributes=("pitch", "melody"),
        slots=("beat",),
        corpora=("AAM", "CSD", "Vocadito"),
    ),
    TaskRow(
        minor="Tempo Comparison",
        group=MULTIPLE_REASONING,
        family="tempo and beats",
        family_reason="compares how fast the beats of two pieces are",
        definition="Say which of two excerpts is faster, or that both have the same tempo.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "[compare* [the] (tempo/tempos/tempi/speed) [of <pair>] [and]] [<ask>] "
                "(which/what) [one/track/piece/excerpt] [of <pair>] [<kind>] [<media>|<body>] "
                "[is/has/is_played_at/is_in/has_got] (<way>) [tempo/speed/bpm] [<listed>] | "
                "[<ask>] (which/what) of <pair> [<kind>] [<media>|<body>] "
                "(is/has/is_played_at/is_in) (<way>) [tempo/speed] | [<ask>] (which/what) "
                "[one/track/piece/excerpt/clip/audio/<media>/<body>] "
                "(is/has/is_played_at/is_in) (<way>) [<fromlist>/tempo/speed] | compare* [the] "
                "(tempo/tempos/tempi/speed) [of/between <pair>] | compare* <pair> in "
                "(tempo/speed)"
            ),
            tails="(which/what) [one] (is/has) (<way>)|<listed> [or] are they",
            polarity=Polarity(
                asks=phrases(
                    "faster quicker the_faster the_quicker a_faster a_quicker faster_in_tempo "
                    "higher_tempo a_higher_tempo the_higher_tempo higher_speed a_higher_speed "
                    "the_higher_speed higher_bpm a_higher_bpm the_higher_bpm"
                ),
                opposite=phrases(
                    "slower the_slower a_slower lower_tempo a_lower_tempo the_lower_tempo "
                    "lower_speed a_lower_speed the_lower_speed lower_bpm the_lower_bpm"
                ),
                forms=("first/second",),
            ),
        ),
        answer_nouns=("comparison", "比较结果"),
        metrics=("accuracy", "balanced_accuracy", "macro_f1"),
        attributes=("rhythm",),
        labels=("first", "second", "same"),
        corpora=("GTZAN-Rhythm", "Freesound Loop Dataset"),
        opposites=(("faster", "slower"), ("快", "慢")),
    ),
    TaskRow(
        minor="Instrument Comparison",
        group=MULTIPLE_REASONING,
        family="instruments",
        family_reason="compares the instruments of two pieces",
        definition="Say whether two excerpts are played on the same instrument.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<compare> | <askif> (is/was) <same> <thing> [being] (played/used/heard) "
                "[(in/on) <pair>] | <askif> [do] [both/the_two/two/these_two/the/these] [two] "
                "(notes/sounds/tones) (come_from/belong_to) <same> <thing>"
            ),
            tails="<comparetail>",
            terms=terms(
                thing="[musical] instrument/instruments",
                things="[musical] (instruments/instrument)",
                have="use/share/feature/have/contain/has",
                prep="on/with/from/by/in",
                used="played/performed/made/produced",
            ),
            polarity=Polarity(
                asks=phrases("same identical match agree coincide equal the_same_or_not"),
                opposite=phrases("different differ distinct two_different"),
                forms=("yes/no", "true/false"),
            ),
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
        family="key and harmony",
        family_reason="hears tonic and mode, twice",
        definition="Say whether two excerpts are in the same key.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<compare>",
            tails="<comparetail>",
            terms=terms(
                thing="[musical] (key/keys/tonality)",
                things="[musical] (keys/key/tonalities)",
                have="have/share/use/has",
                prep="in",
                used="played/written/composed",
            ),
            polarity=Polarity(
                asks=phrases("same identical match agree coincide equal the_same_or_not"),
                opposite=phrases("different differ distinct two_different"),
                forms=("yes/no", "true/false"),
            ),
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
        family="technique",
        family_reason="compares how two sounds are produced",
        definition="Say whether two excerpts are played with the same technique.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks=(
                "<compare> | <askif> (is/was) <same> <thing> [being] "
                "(used/played/applied/employed/heard) [(in/on) <pair>]"
            ),
            tails="<comparetail>",
            terms=terms(
                thing=("[playing/instrumental/instrument/performance] (technique/techniques)"),
                things="[playing/instrumental] (techniques/technique)",
                have="use/share/feature/have/employ/has",
                prep="with/in/using",
                used="played/performed",
            ),
            polarity=Polarity(
                asks=phrases("same identical match agree coincide equal the_same_or_not"),
                opposite=phrases("different differ distinct two_different"),
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
        family="character of music",
        family_reason="compares the mood of two pieces",
        definition="Say whether two excerpts express the same mood.",
        inputs=(
            InputPiece("audio_1", "audio", phrases("1 one first a")),
            InputPiece("audio_2", "audio", phrases("2 two second b")),
        ),
        writes=("text",),
        answer="label",
        question=PlainQuestion(
            asks="<compare>",
            tails="<comparetail>",
            terms=terms(
                thing="emotion+/mood+/feeling+|emotional_tone",
                things="emotions/moods/feelings/mood/emotion/feeling",
                have="express/convey/evoke/have/share/has",
                prep="in",
                used="",
            ),
            polarity=Polarity(
                asks=phrases("same identical match agree coincide equal the_same_or_not"),
                opposite=phrases("different differ distinct two_different"),
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
        family="captions",
        family_reason="describes what is heard in a sentence",
        definition="Describe a piece of music in a sentence.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="caption",
        question=PlainQuestion(
            asks="<describe> | [<tell>] what <sub> sounds like [<sentence>]",
            tails="<describetail>",
            terms=terms(
                shown="<src>",
            ),
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
        family="pitch",
        family_reason="gives the pitch of the melody over time",
        definition="Give the melody as pitch over time.",
        inputs=(AUDIO,),
        writes=("text", "audio"),
        answer="contour",
        question=PlainQuestion(
            asks=(
                "(extract*/transcribe*|<ask>|track*|[<ask>] what is) [the] <melody> [of/from/in "
                "<sub>] [over time] [(in/as) pitch over time|as pitch in hz]"
            ),
            terms=terms(
                melody=(
                    "[pitch contour/pitch/contour of the] [main/vocal] melody [pitch] "
                    "[contour/line]|pitch contour of the [main] melody"
                ),
            ),
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
        family="separation and extraction",
        family_reason="takes one source out of a mixture",
        definition="Extract the part that a text names from mixed music.",
        inputs=(InputPiece("target", "text"), InputPiece("mixture", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(<sep>) <stem> <frommix> | (<sep>) (what/whatever) the text (describes/names) "
                "<frommix> | (<sep>) <frommix> <stem> | separate* (<src>|[<det>] <mix>) "
                "(according_to/based_on/as) [the/described] "
                "[text/description/text_description/described] | <make> [me] <stem> <frommix> | "
                "separate <stem> (and) (<sep>)"
            ),
            terms=terms(
                side="[<det>] <mix>",
                stem=(
                    "[<det>] (described/target/named/requested/specified) "
                    "(stem/source/part/track/instrument/sound)|[<det>] (stem/source/part/track) "
                    "(described_by/named_by/described_in/named_in/that_matches) the text "
                    "[description]|[<det>] (stem/source/part) [of [<det>] <mix>] [that] the "
                    "(text/description) (names/describes)"
                ),
            ),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "sdr"),
        attributes=("instrumental", "vocals"),
        corpora=("MedleyVox", "MoisesDB"),
        improves="mixture",
        optional_metrics=("mr_stft",),
        simulations=(SimulatedRecord("extracted_by_target", ("mix",)),),
    ),
    TaskRow(
        minor="Text-to-music Generation",
        group=MUSIC_GENERATION,
        family="sound from a description",
        family_reason="makes the sound that a text describes",
        definition="Make music that fits a description.",
        inputs=(InputPiece("description", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "<gen> [<det>/some] [<adj>] <made> [<fromdesc>] | <gen> [<det>] described "
                "<made> | (turn*/convert*/transform*) [<det>] [<given>] "
                "(text/description/caption) (into/to) [a] <made> | <perform> text to music "
                "generation"
            ),
            terms=terms(
                made=("music/music_clip/song|piece [of music]|musical_piece/music_piece"),
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
        family="continuation and inpainting",
        family_reason="makes what is missing after a recording",
        definition="Continue a piece of music as a description asks.",
        inputs=(InputPiece("description", "text"), InputPiece("prompt", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(continue*/extend*/carry*_on/prolong*) (<sub>|[<det>] [<given>] [audio] "
                "[music/musical] prompt) [<fromdesc>|(as/like) described] | carry* <sub> on "
                "[<fromdesc>] | <gen> [<det>] continuation [of/for (<sub>|[<det>] [music] "
                "prompt)] [<fromdesc>]"
            ),
        ),
        metrics=("mr_stft", "chroma_similarity", "mcd"),
        attributes=("ethnomusicology", "instrumental"),
        twins=("text_to_music_generation",),
        corpora=("CompMusic",),
        optional_metrics=("fad", "clap_score"),
        simulations=(SimulatedRecord("described_continuation", ("take",)),),
    ),
    TaskRow(
        minor="Lyrics-to-song Generation",
        group=MUSIC_GENERATION,
        family="text to speech",
        family_reason="sings a text",
        definition="Make a song, voice and accompaniment, from lyrics.",
        inputs=(InputPiece("lyrics", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "<gen> [<det>] song [(from/of/for/with/based_on/using/out_of) [<det>] [<given>] "
                "lyrics] | (turn*/convert*/transform*/make*/set*) [<det>] [<given>] lyrics "
                "(into/to) [a/an] (song/music) | compose* <det> song | sing* a song "
                "(with/from/based_on/using) [<det>] [<given>] lyrics | <gen> [<det>] song that "
                "uses the lyrics"
            ),
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
        family="text to speech",
        family_reason="sings a text on notes",
        definition="Sing given lyrics on given notes.",
        inputs=(InputPiece("score", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "sing* [[<det>] [<given>] (score/lyrics|lyrics_and_notes) "
                "[(with/on/at/using/to/according_to) <notes>]] | "
                "(synthesize*/generate*/create*/produce*/make*) [<det>] "
                "(singing_voice/singing/singing_audio|sung_voice) "
                "[(from/for/of/based_on/according_to/with) [<det>] [<given>] (score/lyrics) "
                "[and <notes>]] | <perform> singing voice synthesis"
            ),
            terms=terms(
                notes=(
                    "[<det>] [<given>] (notes/pitches/score|notes_and_durations|notes "
                    "(and/with) (their|the) durations|pitches_and_durations|notes_of_the_score)"
                ),
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
        family="voice conversion",
        family_reason="puts what is sung into another voice",
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
            asks=(
                "(convert*/transform*/change*/turn*) (<source>|[the] voice (of/in) "
                "<source>|<sub>|the_voice/the_singing_voice/the_singing/the_song/the_vocals) "
                "(to/into) (<target>|[that/the_voice/the_timbre] of "
                "(<target>|the_reference/the_second/the_target)) | "
                "(convert*/transform*/change*/make*) (<source>|<sub>) [to/so_that_it] "
                "(sound*/sounds) like <target> | <perform> <vc> [on <sub>] | <vc>| sing* [the] "
                "[song] [of/in/from] <source> (in/with) (the_voice_of "
                "(<target>|the_second/the_reference)|<target>) | make* (<source>|<src>) sound "
                "as if <target> (sang/sings) it"
            ),
            terms=terms(
                source=(
                    "[<det>] (source/first/content/original) "
                    "[<media>|<body>|speaker/voice/singing/song/singer/vocals/singing_voice/one] "
                    "[voice]"
                ),
                target=(
                    "[<det>] (target/reference/second) "
                    "(speaker/voice/singer/singing/timbre/<media>/one) [voice/timbre]"
                ),
                vc="singing voice conversion",
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("vocals", "timbre"),
        twins=("voice_conversion",),
        corpora=("OpenSinger", "M4Singer"),
        optional_metrics=("log_f0_rmse", "fad", "clap_score", "speaker_similarity"),
    ),
)
