"""Decode the bytes of an XML file, also if its declared encoding is wrong.

docs/inkml.md states the rules. web/src/page/encoding.ts implements them too.
"""

from __future__ import annotations

import codecs
import re

from tegashiki.ink.ink import InkError

BLANKS = " \t\r\n"  # white space in XML
MARK = "\ufeff"  # the byte order mark as a character
DECLARED_WITHIN = 4096  # characters within which a declaration must end; comments may stand before it

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, because it begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Which of the first four bytes are 0 in a file that begins with two ASCII characters and no mark.
_ZEROS: dict[tuple[bool, ...], str] = {
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
    (False, True, True, True): "utf-32",
    (True, True, True, False): "utf-32",
}
_DECLARATION = re.compile(rf"<\?xml[{BLANKS}][^>]*\?>")
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_DECLARED = re.compile(rb"<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*[\"']([^\"'>]*)[\"']")
_EBCDIC = b"\x4c\x6f\xa7\x94\x93"  # <?xml
_UTF_8 = frozenset({"", "utf8", "utf8sig", "utf8bom", "u8", "cp65001", "unicode11utf8", "ascii", "usascii"})
_WIDE = frozenset(
    {"utf16", "utf16le", "utf16be", "ucs2", "iso10646ucs2", "unicode", "utf32", "utf32le", "utf32be", "ucs4"}
    | {"iso10646ucs4"}
)
# Files name a standard encoding and also use characters that Windows added to it.
_CODECS = {
    **dict.fromkeys(("gb2312", "gbk", "xgbk", "cp936"), "gb18030"),
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "windows31j", "mskanji"), "cp932"),
    **dict.fromkeys(("euckr", "ksc56011987"), "cp949"),
    **dict.fromkeys(("big5", "xxbig5", "cp950"), "big5hkscs"),
    "xeucjp": "euc_jp",
    "windows874": "cp874",
}
# Encodings that Python decodes and other XML readers do not: they are not meant for files, or have several encodings of
# one character.
_NOT_FOR_XML = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "charmap", "utf-7", "hz"}
    | {"iso2022_kr"}
)


def decode_xml(data: bytes, source: str = "") -> str:
    """Decode an XML file.

    A byte order mark or the zero bytes of UTF-16 determine the encoding. Otherwise the declared encoding is used if the
    bytes are valid in it. UTF-8 is used if they are not, or if any bytes would be valid, as in Latin-1. Invalid UTF-8
    in a file that declares UTF-8 or nothing is read as Latin-1, because older tools wrote such files.

    Args:
        data: The bytes of the file.
        source: Name of the file in errors.

    Returns:
        The text. Its XML declaration is replaced with blanks so that line and column numbers stay the same.

    Raises:
        InkError: The file cannot be decoded; the error names the encoding and how to convert the file.
    """
    text = _decoded(data, source).lstrip(MARK)
    declaration = _DECLARATION.search(text, 0, DECLARED_WITHIN)
    if declaration and not _COMMENT.sub("", text[: declaration.start()]).strip(MARK + BLANKS):
        start, end = declaration.span()
        text = text[:start].replace(MARK, " ") + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]
    return text


def _decoded(data: bytes, source: str) -> str:
    found = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    found = found or _ZEROS.get(tuple(byte == 0 for byte in data[:4]), "")
    if found:
        return _decoded_as(found, data, source)
    if data.startswith(_EBCDIC):
        raise InkError(f"not read in EBCDIC; {_way_out('IBM037')}", source=source)
    declared = _DECLARED.search(data, 0, DECLARED_WITHIN)
    name = declared[1].decode("latin-1").strip() if declared else ""
    plain = re.sub("[^a-z0-9]", "", name.lower())
    if plain in _UTF_8:
        return _text(data, "utf-8") or data.decode("latin-1")
    if plain in _WIDE:  # a wrong declaration: in a wide encoding, ASCII characters would have zero bytes
        return _text(data, "utf-8") or _refuse(name, source)
    codec = _codec(name, plain, source)
    text, utf_8 = _text(data, codec), _text(data, "utf-8")
    # Every byte is a character in these encodings, so they fit any file. Valid UTF-8 is hardly ever a coincidence.
    fits_all = len(text) == len(data) or codec == "cp932" or codec.startswith("shift_jis")
    return (utf_8 if fits_all else "") or text or utf_8 or _refuse(name, source)


def _decoded_as(name: str, data: bytes, source: str) -> str:
    """Decode a file whose first bytes determine its encoding."""
    if name == "utf-32":
        raise InkError(f"not read in UTF-32; {_way_out('UTF-32')}", source=source)
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        label = "UTF-8" if name == "utf-8" else "UTF-16"
        reason = f"begins as {label}, and is not {label} from byte {error.start} on ({error.reason}): save it anew"
        raise InkError(reason, source=source) from None


def _codec(name: str, plain: str, source: str) -> str:
    """Return Python's name of a declared encoding."""
    try:
        codec = codecs.lookup(_CODECS.get(plain, name)).name
        b"<".decode(codec)  # raises LookupError for codecs that are not text encodings, such as base64
    except (LookupError, ValueError):
        codec = ""
    if not codec or codec in _NOT_FOR_XML:
        reason = f"its XML declaration names the unknown encoding {name[:40]!r}; {_way_out('ENCODING')}"
        raise InkError(reason, source=source)
    return codec


def _text(data: bytes, codec: str) -> str:
    """Return the text of a file if it is valid in this encoding, otherwise ""."""
    try:
        text = data.decode(codec)
    except (UnicodeError, ValueError):
        return ""
    return text if text.lstrip(MARK + BLANKS).startswith("<") or codec == "utf-8" else ""


def _refuse(name: str, source: str) -> str:
    """Raise the error for a file that is neither in its declared encoding nor in UTF-8."""
    reason = f"not in {name[:40]!r}, as its XML declaration says, and not in UTF-8; {_way_out('ENCODING')}"
    raise InkError(reason, source=source)


def _way_out(name: str) -> str:
    where = ", where ENCODING is its real encoding" if name == "ENCODING" else ""
    return f"convert it to UTF-8, for example by iconv -f {name} -t UTF-8 old.inkml > new.inkml{where}"
