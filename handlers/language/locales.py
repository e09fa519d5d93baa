"""Languages as browsers, platforms and directories name them."""

import re

from handlers.messages import Language

_NORWEGIAN = {"nb": Language.NB, "no": Language.NB, "nn": Language.NN, "en": Language.EN}


def of_locale(locale: str | None) -> Language | None:
    """``nb-NO``, ``no_NO``, ``nn-NO``, ``en-GB`` → ours; other languages are nobody's guess."""
    if not locale:
        return None
    return _NORWEGIAN.get(re.split(r"[-_]", locale.lower())[0])


def of_accepted(header: str | None) -> Language | None:
    """The first language of ours in an ``Accept-Language`` header, by its weights (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, Language]] = []
    for part in (header or "").split(",")[:20]:
        tag, _, weight = part.partition(";")
        language = of_locale(tag.strip())
        if language is not None:
            weighed.append((_weight(weight), language))
    best = max(weighed, key=lambda item: item[0], default=(0.0, None))
    return best[1] if best[0] > 0 else None


def _weight(parameter: str) -> float:
    found = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", parameter)
    return float(found[1]) if found else 1.0 if not parameter.strip() else 0.0
