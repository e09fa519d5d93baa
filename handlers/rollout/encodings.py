"""Which encoding a plan file is in: UTF-8, or the Windows-1252 of a Norwegian spreadsheet."""

import codecs
import re

UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNDECODED = re.compile("[\udc80-\udcff]")


def text_of(data: bytes) -> str:
    """The text; bytes that fit no encoding are left marked in their line (PEP 383).

    What is not all UTF-8 is Windows-1252, unless some of its lines have letters in good UTF-8: then it is
    a UTF-8 file with broken lines, and reading the whole as Windows-1252 would spoil the good ones.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        marked = data.startswith(codecs.BOM_UTF8) or any(
            _is_letters_in_utf8(line) for line in data.split(b"\n")
        )
        return data.decode("utf-8-sig" if marked else "cp1252", "surrogateescape")


def is_undecoded(line: str) -> bool:
    """Whether bytes of this line fitted no encoding."""
    return _UNDECODED.search(line) is not None


def _is_letters_in_utf8(line: bytes) -> bool:
    if line.isascii():
        return False
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
