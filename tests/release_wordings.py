"""A made-up release: questions and answers of all 80 tasks in the style of the paper's appendix.

Written by hand from appendices A.1, A.3 and A.4 and the public label lists of the corpora, without
a look at the pools. `must` are words of the question that no rendering may lose, as the answer
is wrong or without sense when they are gone.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WORDINGS", "Answer", "Wording"]

A, B, C = (f"<|SOA|>{{{clip}}}<|EOA|>" for clip in "abc")
ONE = f"audio: {A}"
TWO = f"audio_sample1: {A}\naudio_sample2: {B}"


@dataclass(frozen=True)
class Answer:
    """An output as the release writes it, and the bare answer in it."""

    output: str
    gold: str = ""

    @property
    def value(self) -> str:
        return self.gold or self.output


@dataclass(frozen=True)
class Wording:
    """Records of one task: each question is asked with each answer."""

    task: str
    corpus: str
    questions: tuple[str, ...]
    answers: tuple[Answer, ...]
    input: str = ONE
    must: tuple[str, ...] = ()
    minor: str = ""


def _answers(*outputs: str | tuple[str, str]) -> tuple[Answer, ...]:
    return tuple(Answer(o) if isinstance(o, str) else Answer(*o) for o in outputs)


GENERATED = _answers(f"audio: {C}", f"Here is the resulting audio: {C}", C)

WORDINGS = (
    # Speech, understanding
    Wording(
        "automatic_speech_recognition",
        "AISHELL-1",
        ("Please write down what is said.", "Could you turn this speech into text?"),
        _answers(
            "今天天气怎么样",
            ("Transcription is: 请打开空调", "请打开空调"),
            "Text: the word that begins every line of the form",
        ),
    ),
    Wording(
        "dialect_automatic_speech_recognition",
        "KeSpeech",
        ("Transcribe the dialect speech.", "I would like the words of this dialect recording."),
        _answers(
            "帮我查一下明天的天气",
            ("The text of the given speech is: 打开音乐播放器", "打开音乐播放器"),
        ),
    ),
    Wording(
        "phonetic_recognition",
        "LibriTTS-R",
        ("Give the IPA phonemes of the speech.", "Which IPA phonemes are spoken here?"),
        _answers("h ə l oʊ w ɜː l d", ("IPA Phonemes is: ð ə k æ t", "ð ə k æ t")),
        must=("IPA",),
    ),
    Wording(
        "phonetic_recognition",
        "AISHELL-3",
        ("Transcribe the speech into pinyin.",),
        _answers("guang3 zhou1", "ni3 hao3 ma5"),
        must=("pinyin",),
    ),
    Wording(
        "intent_classification",
        "Fluent_Speech_Commands",
        ("What is the intent of the speaker?", "Classify the intent."),
        _answers("increase volume", "deactivate lights kitchen", "bring shoes"),
    ),
    Wording(
        "speech_to_text_translation",
        "FLEURS",
        (
            "Please translate the speech into the text in English.",
            "Translate what is said into English.",
        ),
        _answers("There are many ways of drinking coffee.", "The train leaves at noon."),
        must=("English",),
    ),
    Wording(
        "speech_to_text_translation",
        "CVSS",
        ("How about translating the speech into Mandarin text?",),
        _answers("世界各地有许多喝咖啡的方式。", "火车中午出发。"),
        must=("Mandarin",),
    ),
    Wording(
        "gender_recognition",
        "AISHELL-2",
        ("What is the gender of the speaker?", "Tell me whether the voice is male or female."),
        _answers("male", ("Gender: female", "female"), ("The gender is male.", "male")),
    ),
    Wording(
        "age_recognition",
        "KeSpeech",
        ("Predict the age group of the speaker.",),
        _answers("adult", ("The age group is senior.", "senior"), "child"),
    ),
    Wording(
        "emotion_recognition",
        "ESD",
        ("Recognize the emotion.", "Which emotion does the speaker express?"),
        _answers("Neutral", "Happy", ("The emotion is Angry.", "Angry"), "Sad", "Surprise"),
    ),
    Wording(
        "accent_recognition",
        "HQ-Conversations",
        ("Identify the accent.", "Where does this accent come from?"),
        _answers("Beijing", ("The accent is Hubei.", "Hubei"), "Sichuan"),
    ),
    Wording(
        "spoken_paragraph_recognition",
        "LibriTTS-R",
        ("Are the two recordings from the same paragraph?",),
        _answers("Yes", "No"),
        TWO,
    ),
    Wording(
        "spoken_paragraph_recognition",
        "LibriTTS-R",
        ("Do the two speeches read different paragraphs?",),
        _answers("Yes", "No"),
        TWO,
        must=("different",),
    ),
    Wording(
        "language_identification",
        "FLEURS",
        ("Which language is spoken?", "Please name the language."),
        _answers(
            "Swahili",
            ("The language is French.", "French"),
            ("Language in the given speech is Welsh.", "Welsh"),
        ),
    ),
    Wording(
        "dialect_identification",
        "KeSpeech",
        ("Identify the dialect.",),
        _answers(
            "Southwestern Mandarin",
            "Jiang-Huai Mandarin",
            ("The dialect is Ji-Lu Mandarin.", "Ji-Lu Mandarin"),
        ),
    ),
    Wording(
        "speaker_verification",
        "AISHELL-2",
        ("Is it the same speaker in both recordings?",),
        _answers("Yes", "No"),
        TWO,
    ),
    Wording(
        "speaker_verification",
        "AISHELL-3",
        ("Do these two utterances come from different people?",),
        _answers("Yes", "No"),
        TWO,
        must=("different",),
    ),
    Wording(
        "speaker_verification",
        "ESD",
        ("Are the speakers the same or different?",),
        _answers("same", "different", ("The answer is same.", "same")),
        TWO,
    ),
    Wording(
        "speaker_diarization",
        "AliMeeting",
        ("Who spoke when?", "Please segment the meeting by speaker."),
        _answers(
            "0.50-3.20 speaker1; 3.40-5.00 speaker2", "speaker1: 0.5-3.2s; speaker2: 3.4-5.0s"
        ),
    ),
    Wording(
        "speaker_diarization",
        "AliMeeting",
        ("When does the second speaker talk?",),
        _answers("3.40-5.00 speaker2"),
        must=("second",),
    ),
    Wording(
        "speaker_identification",
        "KeSpeech",
        ("Identify the speaker from the options: 1000103, 1000104, 1000105.",),
        _answers("1000103", ("Speaker ID: 1000104", "1000104")),
        must=("1000103", "1000104", "1000105"),
    ),
    Wording(
        "speech_caption",
        "LibriTTS-R",
        ("Describe the speech.", "How does the speaker sound? Write a sentence."),
        _answers(
            "A man speaks quickly with a low pitch.",
            (
                "Descriptive text of the given speech is: A woman talks slowly.",
                "A woman talks slowly.",
            ),
        ),
    ),
    Wording(
        "deepfake_detection",
        "ASVspoof2021",
        ("Is the speech bona fide or spoofed?",),
        _answers("bonafide", "spoof"),
    ),
    Wording(
        "deepfake_detection",
        "ASVspoof2021",
        ("Is this speech fake?",),
        _answers("Yes", "No"),
        must=("fake",),
    ),
    Wording(
        "vocoder_type_classification",
        "ASVspoof2021",
        ("Which type of vocoder made this speech?",),
        _answers("neural_vocoder_autoregressive", "traditional_vocoder", "waveform_concatenation"),
    ),
    Wording(
        "device_recognition",
        "HQ-Conversations",
        ("Which device recorded the speech?",),
        _answers("Android phone", "iPhone", ("The device is iPhone.", "iPhone")),
    ),
    Wording(
        "signal_to_noise_ratio_estimation",
        "LibriTTS-R",
        ("Estimate the signal-to-noise ratio in dB.",),
        _answers("48.2 dB", ("SNR: 35.1 dB", "35.1 dB")),
    ),
    # Speech, generation
    Wording(
        "speaker_extraction",
        "LibriMix",
        ("Extract the enrolled speaker from the mixture.",),
        GENERATED,
        f"mixture: {A}\nenrolment: {B}",
    ),
    Wording("denoising", "DNS", ("Please remove the noise from the speech.",), GENERATED),
    Wording(
        "dereverberation", "DNS", ("Take the reverberation out of this recording.",), GENERATED
    ),
    Wording("declipping", "DNS", ("Restore the clipped speech.",), GENERATED),
    Wording(
        "speech_bandwidth_extension",
        "DNS",
        ("Extend the bandwidth of the speech to 16 kHz.",),
        GENERATED,
        must=("16",),
    ),
    Wording(
        "text_to_speech",
        "AISHELL-1",
        ("Turn this into speech.", "Can you read the text aloud?"),
        GENERATED,
        "text: 我在这里",
    ),
    Wording(
        "zero_shot_text_to_speech",
        "LibriTTS-R",
        ("Read the text with the voice of the prompt.",),
        GENERATED,
        f"text: hello there\nspeaker_audio: {A}",
    ),
    Wording(
        "emotional_text_to_speech",
        "ESD",
        ("Read the text in a happy tone.",),
        GENERATED,
        "text: I am here.",
        must=("happy",),
    ),
    Wording(
        "emotional_text_to_speech",
        "EmoV-DB",
        ("Read the text with the given emotion.",),
        GENERATED,
        "text: I am here.\nemotion: Amused",
        must=("Amused",),
    ),
    Wording(
        "zero_shot_emotional_text_to_speech",
        "ESD",
        ("Speak the text sadly, with the voice of the sample.",),
        GENERATED,
        f"text: I am here.\nspeaker_audio: {A}",
        must=("sad",),
    ),
    Wording(
        "descriptive_speech_synthesis",
        "LibriTTS-R",
        ("Synthesize the text as the description says.",),
        GENERATED,
        "text_description: a man speaks slowly\ntext: I am here.",
    ),
    Wording(
        "spontaneous_text_to_speech",
        "HQ-Conversations",
        ("Say this as in a casual talk.",),
        GENERATED,
        "text: well, you know, it depends",
    ),
    Wording(
        "voice_conversion",
        "ESD",
        ("Convert the voice of the first recording into that of the second.",),
        GENERATED,
        f"source audio: {A}\ntarget speaker: {B}",
    ),
    Wording(
        "emotion_conversion", "ESD", ("Make the speech sound angry.",), GENERATED, must=("angry",)
    ),
    Wording(
        "speech_to_speech_translation",
        "FLEURS",
        ("Translate the speech into spoken French.",),
        GENERATED,
        must=("French",),
    ),
    # Music, understanding
    Wording(
        "key_detection",
        "AAM",
        ("Detect the key of the music.", "In which key is this piece?"),
        _answers("C major", "Eb minor", ("The key is G major.", "G major")),
    ),
    Wording(
        "scale_recognition",
        "JazzNet",
        ("Which scale is played?",),
        _answers("dorian", "phrygian", "lydian"),
    ),
    Wording(
        "music_tagging",
        "MTG-Jamendo",
        ("Tag the music.", "Which tags describe this track?"),
        _answers(
            "ambient, electronic, piano",
            ("The tags are: calm, guitar.", "calm, guitar"),
            "genre---rock, instrument---guitar",
        ),
    ),
    Wording(
        "genre_classification",
        "MTG-Jamendo",
        ("What genre is it?",),
        _answers("electronic", "easylistening", ("The genre is jazz.", "jazz")),
    ),
    Wording(
        "emotion_classification",
        "MTG-Jamendo",
        ("Which mood does the music have?",),
        _answers("melancholic", "epic", ("The mood is happy.", "happy")),
    ),
    Wording("pitch_classification", "NSynth", ("Classify the pitch.",), _answers("C4", "A#3")),
    Wording(
        "pitch_classification",
        "NSynth",
        ("Give the pitch as a MIDI number.",),
        _answers("60", "47"),
        must=("MIDI",),
    ),
    Wording(
        "instrument_classification",
        "NSynth",
        ("Which instrument is playing?",),
        _answers("mallet", "organ", ("The instrument is keyboard.", "keyboard")),
    ),
    Wording(
        "vocal_technique_classification",
        "VocalSet",
        ("Which vocal technique is used?",),
        _answers("belt", "breathy", "vocal_fry", "trillo"),
    ),
    Wording(
        "instrumental_technique_classification",
        "CCOM-HuQin",
        ("Which playing technique do you hear?",),
        _answers("颤弓", "Trill", "Pizz"),
    ),
    Wording(
        "artist_identification",
        "FMA",
        ("Who is the artist? Options: AWOL, Kurt Vile, Nicky Cook",),
        _answers("AWOL", "Nicky Cook"),
        must=("AWOL", "Kurt Vile", "Nicky Cook"),
    ),
    Wording(
        "beat_tracking",
        "AAM",
        ("Track the beats of the music.",),
        _answers("0.50, 1.00, 1.50", "0.50s, 1.00s"),
    ),
    Wording(
        "chord_estimation",
        "AAM",
        ("Estimate the chords with their times.",),
        _answers("0.00-1.92 C:maj; 1.92-3.84 A:min", "0.0-1.5: C:maj; 1.5-3.0: A:min"),
    ),
    Wording(
        "progression_extraction",
        "JazzNet",
        ("Extract the chord progression.",),
        _answers("ii-V-I", "I-vi-ii-V"),
    ),
    Wording(
        "beat_level_instrument_recognition",
        "AAM",
        ("Which instruments play at the 5th beat?",),
        _answers("DoubleBass, Piano", "Drums"),
        must=("5",),
    ),
    Wording(
        "beat_level_pitch_estimation",
        "AAM",
        ("What is the pitch of the 3rd beat?",),
        _answers("C4", "A3"),
        must=("3",),
    ),
    Wording(
        "tempo_comparison",
        "GTZAN-Rhythm",
        ("Which of the two is faster?",),
        _answers("first", "second"),
        TWO,
    ),
    Wording(
        "tempo_comparison",
        "GTZAN-Rhythm",
        ("Which of the two excerpts is slower?",),
        _answers("first", "second"),
        TWO,
        must=("slower",),
    ),
    Wording(
        "instrument_comparison",
        "NSynth",
        ("Do both notes come from the same instrument?",),
        _answers("Yes", "No"),
        TWO,
    ),
    Wording(
        "key_comparison",
        "GiantSteps-Key",
        ("Are the two pieces in the same key?",),
        _answers("yes", "no"),
        TWO,
    ),
    Wording(
        "instrumental_technique_comparison",
        "CCOM-HuQin",
        ("Is the technique the same in both clips?",),
        _answers("Yes", "No"),
        TWO,
    ),
    Wording(
        "emotion_comparison",
        "MTG-Jamendo",
        ("Do the two pieces have different moods?",),
        _answers("Yes", "No"),
        TWO,
        must=("different",),
    ),
    Wording(
        "music_caption",
        "MusicCaps",
        ("Describe the music.",),
        _answers(
            "A calm piano plays a slow melody.",
            (
                "The caption of the music is: Drums and bass drive a dance beat.",
                "Drums and bass drive a dance beat.",
            ),
        ),
    ),
    Wording(
        "melody_extraction",
        "MedleyDB",
        ("Extract the melody of the music.",),
        _answers("0.00 220.0; 0.10 221.5", "0.00 0.0; 0.10 440.0"),
    ),
    # Music, generation
    Wording(
        "text_guided_source_separation",
        "MoisesDB",
        ("Separate the described source.",),
        GENERATED,
        f"text: the vocals\naudio: {A}",
    ),
    Wording(
        "text_to_music_generation",
        "MusicCaps",
        ("Generate music from the description.",),
        GENERATED,
        "text: a slow piano piece",
    ),
    Wording(
        "text_guided_music_continuation",
        "CompMusic",
        ("Please continue the audio music prompt based on the given text description",),
        GENERATED,
        f"This is a Carnatic music piece set in the atana raga.\naudio prompt: {A}",
    ),
    Wording(
        "lyrics_to_song_generation",
        "Opencpop",
        ("Make a song of these lyrics.",),
        GENERATED,
        "lyrics: 感受停在我发端的指尖",
    ),
    Wording(
        "singing_voice_synthesis",
        "Opencpop",
        ("Sing the score.",),
        GENERATED,
        "lyrics: 感受停在\nnotes: rest | G#3 | A#3\nduration: 0.1 | 0.3 | 0.4",
    ),
    Wording(
        "singing_voice_conversion",
        "OpenSinger",
        ("Sing the first recording with the second voice.",),
        GENERATED,
        f"source: {A}\nreference: {B}",
    ),
    # Audio, understanding
    Wording(
        "sound_event_sequence_recognition",
        "AudioSet",
        ("List the sound events in order.",),
        _answers("Speech, Dog", "Music, Speech, Siren"),
    ),
    Wording(
        "sound_event_recognition",
        "FSD50K",
        ("What sound event do you hear?",),
        _answers("Bark", "Church bell", ("The sound event is Applause.", "Applause")),
    ),
    Wording(
        "sound_event_recognition",
        "FSD50K",
        ("Is there a dog barking?",),
        _answers("Yes", "No"),
        must=("dog",),
    ),
    Wording(
        "sound_event_detection",
        "AudioSet-strong",
        ("When does the sound of a dog barking occur?",),
        _answers("0.50-1.20", "0.50-1.20; 2.00-2.40"),
        must=("dog",),
    ),
    Wording(
        "sound_event_detection",
        "AudioSet-strong",
        ("Detect all sound events with their times.",),
        _answers("0.50-1.20 Dog; 1.30-2.00 Speech"),
    ),
    Wording(
        "acoustic_scene_classification",
        "177_TAU_Urban_Acoustic_Scenes_2022",
        ("Classify the acoustic scene.", "Where was this recorded?"),
        _answers("shopping_mall", "street_traffic", ("The scene is park.", "park")),
    ),
    Wording(
        "audio_caption",
        "AudioCaps",
        ("Describe the audio in a sentence.",),
        _answers(
            "A dog barks twice while rain falls.", "Speech: a man talks over music and laughs."
        ),
    ),
    Wording(
        "sound_event_understanding",
        "VocalImitationSet",
        ("What is the person imitating?",),
        _answers("Accordion", "Air conditioning"),
        f"question: what does the person imitate?\naudio: {A}",
    ),
    Wording(
        "deepfake_audio_detection",
        "ADD2023",
        ("Is the audio real or fake?",),
        _answers("real", "fake"),
    ),
    Wording(
        "deepfake_audio_detection",
        "ADD2023",
        ("Is this recording genuine?",),
        _answers("Yes", "No"),
        must=("genuine",),
    ),
    Wording(
        "voice_activity_detection",
        "DNS",
        ("Detect the voiced parts.",),
        _answers("0.00-1.20; 2.00-3.50", "0.10-0.90"),
    ),
    Wording(
        "speech_silence_music_and_noise_classification",
        "AudioSet",
        ("Is it speech, silence, music or noise?",),
        _answers("speech", "Music", "silence"),
    ),
    Wording(
        "speech_nonspeech_detection",
        "WavCaps",
        ("When is there speech and when not?",),
        _answers("0.00-1.20 speech; 1.20-2.00 nonspeech"),
    ),
    # Audio, generation
    Wording(
        "audio_inpainting",
        "179_Audioset_for_Audio_Inpainting",
        ("Fill the gap from 1.0 s to 1.5 s.",),
        GENERATED,
        must=("1.0", "1.5"),
    ),
    Wording(
        "audio_super_resolution",
        "AudioSet",
        ("Please increase the resolution of the given audio signal to 32k Hz.",),
        GENERATED,
        must=("32",),
        minor="Sound Super-resolution",
    ),
    Wording(
        "text_guided_audio_source_separation",
        "WavCaps",
        ("Separate what the text describes.",),
        GENERATED,
        f"text: a dog barking\naudio: {A}",
    ),
    Wording(
        "label_querying_sound_extraction",
        "VGGSound",
        ("Extract the sound of the label.",),
        GENERATED,
        f"label: dog barking\naudio: {A}",
    ),
    Wording(
        "audio_querying_sound_extraction",
        "VGGSound",
        ("Extract from the mixture what the query sounds like.",),
        GENERATED,
        f"query: {A}\nmixture: {B}",
    ),
    Wording(
        "text_guided_audio_generation",
        "AudioCaps",
        ("Generate the described sound.",),
        GENERATED,
        "text: rain falls on a roof",
    ),
    Wording(
        "time_grounded_text_to_audio_generation",
        "AudioSet",
        ("Generate the sounds at the given times.",),
        GENERATED,
        "text: A dog barks from 0.5s to 1.2s, then speech.",
    ),
    Wording("audio_continuation", "WavCaps", ("Continue the audio.",), GENERATED),
)
