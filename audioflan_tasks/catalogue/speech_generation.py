"""Tasks that enhance and generate speech: the other 14, in the order of the paper's Table 1."""

from __future__ import annotations

from audioflan_tasks.catalogue.majors import (
    SPEECH_ENHANCEMENT,
    SPEECH_GENERATION,
)
from audioflan_tasks.catalogue.question import PlainQuestion, phrases
from audioflan_tasks.catalogue.row import InputPiece, SimulatedRecord, TaskRow

AUDIO = InputPiece("audio", "audio")

SPEECH_GENERATION_TASKS: tuple[TaskRow, ...] = (
    TaskRow(
        minor="Denoising",
        group=SPEECH_ENHANCEMENT,
        definition="Remove the background noise from speech.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "denoise denoising clean clean_up enhance enhancement "
                "clean_up_noisy_speech/audio/recording/clip/signal "
                "clean/denoise/enhance_noisy_speech/audio/recording/clip/signal/utterance "
                "remove/reduce/suppress/eliminate/cancel/strip/clear_noise get_rid_noise "
                "filter_out_noise take_out_noise "
                "remove/reduce/suppress/eliminate_background/unwanted/ambient_noise "
                "cancel/strip/clear_background/unwanted/ambient_noise "
                "filter/take_out_background/unwanted/ambient_noise "
                "get_rid_background/unwanted/ambient_noise "
                "remove/reduce/suppress/eliminate_unwanted_background_noise "
                "noise_removal/reduction/suppression "
                "background_noise_removal/reduction/suppression"
            ),
            unsure=phrases("clean/enhance_noise clean_up_noise"),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "stoi"),
        attributes=("distortion",),
        corpora=("DNS",),
        improves="audio",
        optional_metrics=("pesq", "dnsmos"),
        simulations=(SimulatedRecord("restored", ("add_noise", "reverberate", "clip")),),
    ),
    TaskRow(
        minor="Dereverberation",
        group=SPEECH_ENHANCEMENT,
        definition="Remove the room reverberation from speech.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "dereverberate dereverberation "
                "dereverberate_reverberant_speech/audio/recording "
                "remove/reduce/suppress/eliminate/cancel/strip_reverberation/reverb/echo "
                "get_rid_reverberation/reverb/echo get_rid_room_reverberation/reverb/echo "
                "remove/reduce/suppress/eliminate/cancel/strip_room_reverberation/reverb/echo "
                "make/sound_dry anechoic reverberation/reverb_removal/reduction/suppression"
            ),
        ),
        metrics=("stoi", "lsd"),
        attributes=("distortion",),
        corpora=("DNS",),
        improves="audio",
        optional_metrics=("pesq", "dnsmos"),
        simulations=(SimulatedRecord("restored", ("add_noise", "reverberate", "clip")),),
    ),
    TaskRow(
        minor="Declipping",
        group=SPEECH_ENHANCEMENT,
        definition="Restore the peaks of clipped speech.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "declip declipping declip/clean_clipped "
                "restore/repair/recover/fix/reconstruct_clipped_peaks/speech/audio "
                "restore/repair/recover/fix/reconstruct_clipped_recording/signal "
                "repair/fix/remove/undo/reverse_clipping "
                "remove/repair/fix/undo_clipping_distortion restoration restore repair declick "
                "restore_clip clipping_artifact"
            ),
            unsure=phrases("clip_speech/audio/recording/signal"),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "stoi"),
        attributes=("distortion",),
        corpora=("DNS",),
        note="Appendix A.1 prints Declicking; its text is about clipping.",
        improves="audio",
        optional_metrics=("pesq", "dnsmos"),
        held_out_by_default=True,
        simulations=(SimulatedRecord("restored", ("add_noise", "reverberate", "clip")),),
    ),
    TaskRow(
        minor="Speech Bandwidth Extension",
        group=SPEECH_ENHANCEMENT,
        definition="Restore the high frequencies of narrow-band speech.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "extend extension bandwidth band wideband wide_band "
                "extend/expand/bandwidth/convert/turn_narrowband_speech/audio/recording "
                "extend/expand/bandwidth/convert/turn_narrow_band_speech/audio/recording "
                "restore/recover/add/regenerate_missing_high_frequencies/frequency "
                "restore/recover/add/regenerate_high_frequencies/frequency upsample "
                "increase/raise_sampling/sample_rate sampling_rate sample_rate up rate expand "
                "expansion high_frequencies increase/raise/expand/widen_bandwidth super_resolution"
            ),
        ),
        metrics=("lsd", "lsd_high", "si_sdr"),
        attributes=("distortion",),
        slots=("target_rate",),
        twins=("audio_super_resolution",),
        corpora=("DNS",),
        improves="audio",
        optional_metrics=("pesq", "dnsmos"),
        simulations=(SimulatedRecord("higher_rate", ("band_limit", "resample")),),
    ),
    TaskRow(
        minor="Signal-to-noise Ratio Estimation",
        group=SPEECH_ENHANCEMENT,
        definition="Estimate the ratio of speech power to noise power in decibels.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="number",
        question=PlainQuestion(
            words=phrases(
                "snr signal_noise_ratio ratio_signal/speech_noise signal_to_noise ratio calculate "
                "compute measure how_many_decibels/db_speech_above_noise how_many_decibels/db "
                "quantify noise_ratio"
            ),
            details=(("db", "decibel", "decibels", "dbs"),),
        ),
        answer_nouns=(
            "snr",
            "signal-to-noise ratio",
            "signal to noise ratio",
            "ratio",
            "estimate",
            "信噪比",
        ),
        metrics=("mae", "pearson"),
        attributes=("distortion",),
        corpora=("LibriTTS-R",),
        note="Writes text, yet Table 2 counts its major task as generation.",
        simulations=(SimulatedRecord("noise_ratio", ("add_noise",)),),
    ),
    TaskRow(
        minor="Text to Speech",
        group=SPEECH_GENERATION,
        definition="Speak a given text.",
        inputs=(InputPiece("text", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "read aloud out_loud synthesize synthesis convert turn transform text generate "
                "create tts text_to_speech sentence narrate narration spoken_form audio_form "
                "spoken_words words form into_speech"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("content",),
        inverse=("automatic_speech_recognition",),
        swaps=("automatic_speech_recognition",),
        twins=("zero_shot_text_to_speech", "spontaneous_text_to_speech"),
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
            "KeSpeech",
            "LJSpeech",
            "MLS",
            "Parallel Audiobook Corpus",
            "VCTK",
            "aidatatang_200zh",
            "Common Voice",
            "LibriTTS-R",
            "Genshin",
            "StarRail",
        ),
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos"),
    ),
    TaskRow(
        minor="Zero-shot Text to Speech",
        group=SPEECH_GENERATION,
        definition="Speak a given text in the voice of a short prompt.",
        inputs=(InputPiece("text", "text"), InputPiece("prompt", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "read aloud out_loud synthesize synthesis convert turn transform text generate "
                "create tts text_to_speech sentence narrate spoken_form words clone cloning prompt "
                "reference zero_shot mimic imitate same_voice/speaker/timbre target zero shot "
                "voice_clone new match"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("content", "speaker"),
        inverse=("automatic_speech_recognition",),
        twins=("text_to_speech", "voice_conversion"),
        corpora=(
            "Fluent Speech Commands",
            "LibriTTS-R",
            "HQ-Conversations",
            "AISHELL-2",
            "AISHELL-3",
            "KeSpeech",
        ),
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos", "speaker_similarity"),
    ),
    TaskRow(
        minor="Emotional Text to Speech",
        group=SPEECH_GENERATION,
        definition="Speak a given text with a stated emotion.",
        inputs=(InputPiece("text", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "read aloud out_loud synthesize synthesis convert turn transform text generate "
                "create tts text_to_speech sentence narrate spoken_form words emotion emotional "
                "tone feeling mood sound express expressive expression"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("content", "emotion"),
        slots=("emotion",),
        inverse=("emotion_recognition",),
        twins=("zero_shot_emotional_text_to_speech",),
        corpora=("ESD", "EmoV-DB"),
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos"),
    ),
    TaskRow(
        minor="Zero-shot Emotional Text to Speech",
        group=SPEECH_GENERATION,
        definition="Speak a given text with a stated emotion in the voice of a short prompt.",
        inputs=(InputPiece("text", "text"), InputPiece("prompt", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "read aloud out_loud synthesize synthesis convert turn transform text generate "
                "create tts text_to_speech sentence narrate spoken_form words clone cloning prompt "
                "reference zero_shot mimic imitate same_voice/speaker/timbre target emotion "
                "emotional tone feeling mood sound express expressive expression"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("content", "emotion", "speaker"),
        slots=("emotion",),
        inverse=("emotion_recognition",),
        twins=("emotional_text_to_speech",),
        corpora=("ESD",),
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos", "speaker_similarity"),
    ),
    TaskRow(
        minor="Descriptive Speech Synthesis",
        group=SPEECH_GENERATION,
        definition="Speak a given text in the voice and manner that a description asks for.",
        inputs=(
            InputPiece(
                "description",
                "text",
                phrases("description descriptive style caption tone characteristics manner"),
            ),
            InputPiece(
                "text", "text", phrases("text content words transcript sentence line script")
            ),
        ),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "describe read aloud out_loud synthesize "
                "synthesis convert turn transform text generate "
                "create tts text_to_speech sentence narrate words described description style fit "
                "match follow descriptive voice_description style_description text_description"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("content", "gender"),
        inverse=("speech_caption",),
        corpora=("LibriTTS-R",),
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos"),
    ),
    TaskRow(
        minor="Spontaneous Text to Speech",
        group=SPEECH_GENERATION,
        definition="Speak a given text as unscripted talk, with its fillers and hesitations.",
        inputs=(InputPiece("text", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "read aloud out_loud synthesize synthesis convert turn transform text generate "
                "create tts text_to_speech sentence words spontaneous spontaneously spontaneity "
                "casual casually conversational talk_freely unscripted style"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("content",),
        inverse=("automatic_speech_recognition",),
        twins=("text_to_speech",),
        note="Table 3 names no corpus for it.",
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos"),
    ),
    TaskRow(
        minor="Voice Conversion",
        group=SPEECH_GENERATION,
        definition="Say the words of one recording in the voice of another.",
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
                "convert conversion reference target_speaker/voice reference_speaker/voice target "
                "convert/transform/change_source "
                "convert/transform/change_voice/speech/utterance/recording_source "
                "convert/transform/change_source_voice/speech/utterance/recording/speaker "
                "words_first_recording/clip/utterance/audio_voice_second "
                "words_source_voice_reference/target timbre transform change sound_like"
            ),
            unsure=phrases(
                "convert/transform/change_reference/target "
                "convert/transform/change_voice/speech/utterance/recording_reference/target"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("speaker",),
        twins=("zero_shot_text_to_speech", "singing_voice_conversion"),
        corpora=("ESD",),
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos", "speaker_similarity"),
    ),
    TaskRow(
        minor="Emotion Conversion",
        group=SPEECH_GENERATION,
        definition="Say the words of a recording again with another emotion.",
        inputs=(InputPiece("source", "audio"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "convert conversion change transform emotion emotional tone feeling mood sound "
                "express make utterance turn shift"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("emotion",),
        slots=("emotion",),
        twins=("emotion_recognition",),
        corpora=("ESD",),
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos"),
    ),
    TaskRow(
        minor="Speech to Speech Translation",
        group=SPEECH_GENERATION,
        definition="Translate what is spoken into speech in another language.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            words=phrases(
                "translate translation render convert turn speech_to_speech language spoken_form "
                "aloud dub interpret version audio_form generate create spoken_language"
            ),
        ),
        metrics=("mcd", "duration_error"),
        attributes=("content", "language"),
        slots=("target_language",),
        twins=("speech_to_text_translation",),
        corpora=("FLEURS",),
        optional_metrics=("asr_wer", "log_f0_rmse", "dnsmos"),
    ),
)
