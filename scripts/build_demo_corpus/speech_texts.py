"""Texts for the synthetic voices, written for this corpus (CC0 1.0)."""

from __future__ import annotations

from collections.abc import Mapping

from common import Split

TEXTS: Mapping[Split, tuple[str, ...]] = {
    "train": (
        "The ferry leaves at seven, so bring a warm coat.",
        "Nobody heard the kettle over the sound of the rain.",
        "My brother paints small boats on Sunday afternoons.",
        "Turn left at the bakery and walk down to the river.",
    ),
    "dev": (
        "Her garden was full of bees and broken flower pots.",
        "We waited an hour for the last tram to the harbour.",
    ),
    "test": (
        "The old clock in the hall stopped during the storm.",
        "Please put the blue folder on top of the piano.",
    ),
}

EMOTION_TEXTS: Mapping[Split, tuple[str, ...]] = {
    "train": ("They have moved the meeting to Monday.", "Your letter arrived this morning.",
              "The shop is closed until next week."),
    "dev": ("He left his keys on the kitchen table.", "The train will not stop here today."),
    "test": ("She told me about the new house.", "There is a dog in front of the door."),
}  # fmt: skip

DIALECT_TEXTS: Mapping[Split, Mapping[str, tuple[str, ...]]] = {
    "train": {
        "Spanish": ("El zapatero cierra la tienda a las cinco.",
                    "Hace mucho calor en la plaza esta tarde."),
        "Portuguese": ("O barco pequeno sai do porto de manhã.",
                       "A minha irmã gosta de dançar na cidade."),
        "Vietnamese": ("Hôm nay trời mưa to ở ngoài phố.",
                       "Chị tôi nấu cơm cho cả nhà."),
    },
    "dev": {
        "Spanish": ("La cocina huele a pan y a café.",),
        "Portuguese": ("Hoje à noite vamos jantar em casa.",),
        "Vietnamese": ("Chúng tôi đi chợ vào buổi sáng.",),
    },
    "test": {
        "Spanish": ("Los vecinos celebran la fiesta en julio.",),
        "Portuguese": ("Depois da chuva o jardim fica verde.",),
        "Vietnamese": ("Con mèo ngủ dưới gốc cây.",),
    },
}  # fmt: skip

SPONTANEOUS: Mapping[Split, tuple[str, ...]] = {
    "train": (
        "Well, um, I was going to call you, but, you know, it got late.",
        "So, uh, the thing is, I don't really like mushrooms.",
        "I mean, it was fine, it was, like, totally fine.",
        "Hmm, let me think, was it Tuesday or, no, Wednesday?",
        "Oh, right, the tickets, I, uh, I left them at home.",
        "You see, we, we didn't expect that many people, actually.",
        "And then he goes, wait, what, are you serious?",
        "Er, could you, sorry, could you say that again?",
        "It's sort of, um, kind of bluish, I suppose.",
        "Yeah, no, I'd love to, it's just, uh, the timing.",
        "Okay, so, first you, um, you mix the flour, right?",
        "Honestly, I, well, I have no idea what happened.",
    ),
    "dev": (
        "Uh, I think, I think we took a wrong turn back there.",
        "Well, you know how it is, um, with old houses.",
        "So I said, er, maybe we should just wait.",
        "Right, so, that's, that's basically the whole story.",
    ),
    "test": (
        "Hmm, not sure, it might be, uh, under the sofa.",
        "I was like, okay, um, but who's going to pay for it?",
        "Oh, well, anyway, it was, it was good to see you.",
        "Um, hello, is this, sorry, is this the right office?",
    ),
}
