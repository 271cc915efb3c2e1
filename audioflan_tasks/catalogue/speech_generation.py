"""Tasks that enhance and generate speech: the other 14, in the order of the paper's Table 1."""

from __future__ import annotations

from audioflan_tasks.catalogue.majors import (
    SPEECH_ENHANCEMENT,
    SPEECH_GENERATION,
)
from audioflan_tasks.catalogue.question import PlainQuestion, phrases, terms
from audioflan_tasks.catalogue.row import InputPiece, SimulatedRecord, TaskRow

AUDIO = InputPiece("audio", "audio")

SPEECH_GENERATION_TASKS: tuple[TaskRow, ...] = (
    TaskRow(
        minor="Denoising",
        group=SPEECH_ENHANCEMENT,
        family="enhancement",
        family_reason="brings clean speech back",
        definition="Remove the background noise from speech.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "denoise* [<sub>] | (clean*/clean*_up/enhance*) <sub> [by "
                "(remove*/reduce*/suppress*) <noise>] [so_that_only_the_voice_remains] | "
                "(remove*/reduce*/suppress*/eliminate*/cancel*/strip*/clear*/get*_rid_of/"
                "filter*_out/take*_out/take*_away/minimize*) "
                "<noise> [(from/in/of/out_of/on) <sub>] <keeping> | (<perform>) "
                "(noise_reduction/noise_removal/noise_suppression/speech_enhancement/denoising) "
                "[on <sub>] | "
                "(noise_reduction/noise_removal/noise_suppression/speech_enhancement/denoising) "
                "[of/for/on <sub>] | [<make>] [me] <denoised> [version of "
                "<sub>|speech/audio/recording] | <noise> <must> "
                "(removed/reduced/suppressed/eliminated) [(from/in) <sub>] | <sub> <must> "
                "(denoised|cleaned [up])"
            ),
            terms=terms(
                quality="noisy",
                noise=(
                    "[<det>/any/all/all_the] {background/unwanted/ambient/environmental} "
                    "(noise/noises)"
                ),
                denoised="[<det>] (clean/denoised/noise_free/enhanced)",
            ),
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
        family="enhancement",
        family_reason="brings clean speech back",
        definition="Remove the room reverberation from speech.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "dereverberate* [<sub>] | "
                "(remove*/reduce*/suppress*/eliminate*/cancel*/strip*/get*_rid_of/take*_out/"
                "take*_away/take*/filter*_out) "
                "<reverb> [(out_of/from/in/of/on) <sub>] | make* <sub> [sound] (dry/anechoic) "
                "[by (remove*/reduce*/suppress*/eliminate*) <reverb>] | <perform> "
                "dereverberation [on <sub>] | dereverberation [of <sub>] | [<make>] [me] "
                "[<det>] (dry/anechoic/dereverberated) (version of <sub>|speech/recording) | "
                "<reverb> <must> (removed/reduced/suppressed/eliminated) [(from/in) <sub>]"
            ),
            terms=terms(
                quality="reverberant/echoey",
                reverb="[<det>/any/all] [room] (reverberation/reverb/echo/echoes)",
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
        family="enhancement",
        family_reason="brings clean speech back",
        definition="Restore the peaks of clipped speech.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "declip* [<sub>] | (restore*/repair*/recover*/fix*/reconstruct*) [<det>] "
                "[<given>] clipped (<media>|<body>|peaks/parts/regions/samples) [(of/in/from) "
                "<sub>] | (repair*/fix*/remove*/undo*/reverse*/correct*) [<det>/any/all] "
                "clipping [distortion/artifacts] [(in/of/from) <sub>] | <perform> declipping "
                "[on <sub>] | declipping [of <sub>] | clipping <must> "
                "(removed/repaired/fixed/undone) | [the] clipped <media> <must> "
                "(restored/repaired)"
            ),
            terms=terms(
                quality="clipped",
            ),
        ),
        metrics=("si_sdr", "si_sdr_improvement", "stoi"),
        attributes=("distortion",),
        corpora=("DNS",),
        note="Appendix A.1 prints Declicking; its text is about clipping.",
        improves="audio",
        optional_metrics=("pesq", "dnsmos"),
        simulations=(SimulatedRecord("restored", ("add_noise", "reverberate", "clip")),),
    ),
    TaskRow(
        minor="Speech Bandwidth Extension",
        group=SPEECH_ENHANCEMENT,
        family="enhancement",
        family_reason="brings lost high frequencies back",
        definition="Restore the high frequencies of narrow-band speech.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(extend*/expand*/widen*/increase*/raise*) [<det>/its] [frequency] "
                "(bandwidth/band) [of <sub>] [<rate_to>] | "
                "(extend*/expand*/upsample*/convert*/turn*/super_resolve) <sub> [<rate_to>|to "
                "wideband [speech] [at @]] | (increase*/raise*) [<det>/its] "
                "(sampling_rate/sample_rate) [of <sub>] [<rate_to>] | "
                "(restore*/recover*/add*/regenerate*/reconstruct*) <high> [of <sub>] "
                "[(<rate_to>|so that <sub> reaches @)] | <perform> [speech] bandwidth "
                "(extension/expansion) [of/on/for <sub>] [<rate_to>]"
            ),
            terms=terms(
                quality="narrowband/narrow_band",
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
        family="enhancement",
        family_reason="tells speech from noise, as a denoiser does",
        definition="Estimate the ratio of speech power to noise power in decibels.",
        inputs=(AUDIO,),
        writes=("text",),
        answer="number",
        question=PlainQuestion(
            asks=(
                "[<ask>|calculate*/compute*/measure*/quantify*] [<det>] <snr> [of/in/for/from "
                "<sub>] [(in/as) (db/decibels)] | [<ask>] (what/how_high/how_large) (is/are) "
                "[<det>] <snr> [of/in/for/from <sub>] [in (db/decibels)] | [<ask>] what [<det>] "
                "<snr> [of/in/for <sub>] is [in (db/decibels)] | [<ask>] what <snr> does <sub> "
                "have | [<ask>] how many (decibels/db) is [<det>] speech above [<det>] noise"
            ),
            terms=terms(
                snr=(
                    "(snr/signal_to_noise_ratio/signal_noise_ratio/ratio_of_signal_to_noise/"
                    "ratio_of_speech_to_noise) "
                    "[value]"
                ),
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
        family="text to speech",
        family_reason="speaks a text",
        definition="Speak a given text.",
        inputs=(InputPiece("text", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks="<tts> | how would <textnp> sound [when/if] read [<aloud>]",
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
        family="text to speech",
        family_reason="speaks a text in the voice of a prompt",
        definition="Speak a given text in the voice of a short prompt.",
        inputs=(InputPiece("text", "text"), InputPiece("prompt", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(<tts>) | <clone> [and/to/for] (<tts>) | <clone> for <textnp> | <clone> | "
                "clone* | <perform> "
                "(voice_cloning/zero_shot_text_to_speech/zero_shot_speech_synthesis)"
            ),
            terms=terms(
                how=(
                    "{(in/with/using/by_using) ( [<det>/same/the_same] (voice/timbre) "
                    "[of/from/heard_in/in/as [in]] [<det>] [given/provided] (<prompt> "
                    "[<voices>/voice]|speaker) | [<det>] <prompt> [<voices>] voice | [<det>] "
                    "speaker voice | [<det>] [given/cloned/same/provided] voice | "
                    "the_same_voice_as_the_prompt | the_same_speaker_as_the_prompt) | "
                    "[that_sounds/sounding] like [<det>] <prompt> [speaker]}"
                ),
                clone=(
                    "(clone*/copy*/imitate*/mimic*) [<det>] [<prompt>] (voice/speaker/timbre) "
                    "[of/in/from [<det>] <prompt> [speaker]] | use* [<det>] <prompt> [speaker] "
                    "[voice]"
                ),
                prompt=(
                    "(prompt/reference/target/sample/example/prompt_audio/reference_audio/"
                    "speaker_prompt/audio_prompt) "
                    "[<media>]"
                ),
                side="[<det>] (<prompt>) [speaker] [voice]",
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
        family="text to speech",
        family_reason="speaks a text with an emotion",
        definition="Speak a given text with a stated emotion.",
        inputs=(InputPiece("text", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks="<tts>",
            terms=terms(
                how=(
                    "{(in/with/using) [<det>] [<given>/specified/stated/desired/target] (@ "
                    "(tone/emotion/feeling/mood/voice/manner/way|tone_of_voice|emotional_tone)|"
                    "(emotion/tone/feeling/mood) "
                    "[of] [@])|so that it sounds @|to sound @|as if you (are/were) @}"
                ),
                styleadj="emotional/expressive/@",
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
        family="text to speech",
        family_reason="speaks a text in a voice with an emotion",
        definition="Speak a given text with a stated emotion in the voice of a short prompt.",
        inputs=(InputPiece("text", "text"), InputPiece("prompt", "audio")),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks="(<tts>) | <clone> [and/to] (<tts>) | <clone>",
            terms=terms(
                how=(
                    "{[and] {(in/with/using/by_using) ( [<det>/same/the_same] (voice/timbre) "
                    "[of/from/heard_in/in/as [in]] [<det>] [given/provided] (<prompt> "
                    "[<voices>/voice]|speaker) | [<det>] <prompt> [<voices>] voice | [<det>] "
                    "speaker voice | [<det>] [given/cloned/same/provided] voice | "
                    "the_same_voice_as_the_prompt | the_same_speaker_as_the_prompt) | "
                    "[that_sounds/sounding] like [<det>] <prompt> [speaker]} | [and] "
                    "{(in/with/using) [<det>] [<given>/specified/stated/desired/target] (@ "
                    "(tone/emotion/feeling/mood/voice/manner/way|tone_of_voice|emotional_tone)|"
                    "(emotion/tone/feeling/mood) "
                    "[of] [@])|so that it sounds @|to sound @|as if you (are/were) @}| and "
                    "[<det>] @ (emotion/tone/feeling)}"
                ),
                styleadj="emotional/expressive/@",
                clone=(
                    "(clone*/copy*/imitate*/mimic*) [<det>] [<prompt>] (voice/speaker/timbre) "
                    "[of/in/from [<det>] <prompt> [speaker]] | use* [<det>] <prompt> [speaker] "
                    "[voice]"
                ),
                prompt=(
                    "(prompt/reference/target/sample/example/prompt_audio/reference_audio/"
                    "speaker_prompt/audio_prompt) "
                    "[<media>]"
                ),
                side="[<det>] (<prompt>) [speaker] [voice]",
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
        family="text to speech",
        family_reason="speaks a text as it is told to",
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
            asks=("<tts> | (<make>|synthesize*) <speechnp> [from/for/of (<textit>)] <how>"),
            terms=terms(
                how="[<manner>]",
                manner=(
                    "{(that/which/so_that_it) (matches/fits/follows/match/fit) [<det>] <desc> | "
                    "(according_to/following/based_on/from/to_match/matching/per) [<det>] "
                    "<desc> | as <desc> | as [<det>] <desc> (says/asks/describes) | as "
                    "described | (in/with) [<det>] (described/given) (style/voice/manner/way) | "
                    "in the way [<det>] <desc> says | (in/with) [<det>] (style/voice/manner) "
                    "(given_in/described_in/described_by/of/in) [<det>] <desc> | with the style "
                    "and voice of the description}"
                ),
                desc=(
                    "[text/voice/style/given/speaker] "
                    "(description/text_description/style_description/voice_description)"
                ),
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
        family="text to speech",
        family_reason="speaks a text as if unscripted",
        definition="Speak a given text as unscripted talk, with its fillers and hesitations.",
        inputs=(InputPiece("text", "text"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks="<tts>",
            terms=terms(
                how=(
                    "{(in/as/with/as_in/like) [<det>] [<styleadj>] [and] (<styleadj>) "
                    "(style/way/manner/tone/talk/conversation/speech) | spontaneously/casually "
                    "| as if (talking_freely/in_conversation)}"
                ),
                styleadj=(
                    "spontaneous/casual/conversational/unscripted|casual_conversational|"
                    "(spontaneous/casual) "
                    "and (spontaneous/conversational)"
                ),
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
        family="voice conversion",
        family_reason="puts what is said into another voice",
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
            asks=(
                "(convert*/transform*/change*/turn*) (<source>|[the] voice (of/in) "
                "<source>|<sub>|the_voice/the_singing_voice/the_singing/the_song/the_vocals) "
                "(to/into) (<target>|[that/the_voice/the_timbre] of "
                "(<target>|the_reference/the_second/the_target)) | "
                "(convert*/transform*/change*/make*) (<source>|<sub>) [to/so_that_it] "
                "(sound*/sounds) like <target> | <perform> <vc> [on <sub>] | <vc>| "
                "(say*/speak*) [the] words [of/in/from] <source> [in/with] (the_voice_of "
                "<target>|the_voice_of_the_second/the_voice_of_the_reference|<target>) | make* "
                "(<source>) sound as if <target> (said/spoke) it"
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
                vc="voice conversion|convert",
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
        family="emotion of speech",
        family_reason="has to hear the emotion that it changes",
        definition="Say the words of a recording again with another emotion.",
        inputs=(InputPiece("source", "audio"),),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "(convert*/change*/transform*/turn*/shift*) [<det>] "
                "(emotion/tone/mood/feeling/emotional_tone) [(of/in) <sub>] (to/into) [a/an] "
                "[@] [emotion/tone] | make* <sub> sound @ | (convert*/change*/transform*/turn*) "
                "<sub> (to/into) [a/an/the] [@] [<given>] "
                "[emotion/tone/speech/emotional_tone/mood] | (say*/speak*/read*) <sub> in "
                "[a/an/the] @ (tone/voice) | <perform> emotion conversion [to @]"
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
        family="transcription",
        family_reason="hears the words before it translates them",
        definition="Translate what is spoken into speech in another language.",
        inputs=(AUDIO,),
        writes=("audio",),
        answer="audio",
        question=PlainQuestion(
            asks=(
                "translate* [<sub>|<said>] (into/to/in) <lang> | "
                "(convert*/turn*/render*/transform*) (<sub>|<said>) (into/to/in/as) <lang> | "
                "(say*/speak*) <said> in [spoken] @ [speech] | [<report>|<make>] [me] [<det>] "
                "spoken @ (translation/version) [of <sub>] | <perform> speech to speech "
                "translation (into/to) @"
            ),
            terms=terms(
                lang=(
                    "[<det>] [spoken/natural] @ "
                    "[speech/audio/spoken_words/spoken_language]|(speech/spoken_form/audio|"
                    "speech_to_speech) "
                    "in @|speech in spoken @|speech (to/in) @ speech"
                ),
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
