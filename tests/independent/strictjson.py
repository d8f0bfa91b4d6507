"""The strict JSON of the manifest (PROTOCOL-BYTES, "Manifest"). The json module accepts far too much, so this one is own.

Values are dict, list, str and int. The literals true, false and null are refused at once: no field takes them, and in
Python `True == 1` would let one pass for a number.
"""

MAX_BYTES, MAX_DEPTH, MAX_INTEGER = 262144, 8, 2**31 - 1
SPACE = " \t\n\r"
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Refused(ValueError):
    """The bytes are not strict JSON, or not a manifest; the text says why."""


def parse(data):
    if len(data) > MAX_BYTES:
        raise Refused("longer than 262144 bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
    value, end = _value(text, 0, 1)
    if _skip(text, end) != len(text):
        raise Refused("something behind the value")
    return value


def _skip(text, i):
    while i < len(text) and text[i] in SPACE:
        i += 1
    return i


def _at(text, i):
    if i >= len(text):
        raise Refused("ends too early")
    return text[i]


def _value(text, i, depth):
    first = _at(text, i)
    if first in "{[" and depth > MAX_DEPTH:
        raise Refused("nested deeper than 8")
    if first == "{":
        return _object(text, i + 1, depth)
    if first == "[":
        return _array(text, i + 1, depth)
    if first == '"':
        return _string(text, i + 1)
    return _integer(text, i)


def _object(text, i, depth):
    result = {}
    i = _skip(text, i)
    if _at(text, i) == "}":
        return result, i + 1
    while True:
        if _at(text, i) != '"':
            raise Refused("a name was expected")
        name, i = _string(text, i + 1)
        if name in result:
            raise Refused("duplicate name " + ascii(name))  # ascii: the report goes to a terminal
        i = _skip(text, i)
        if _at(text, i) != ":":
            raise Refused("a colon was expected")
        result[name], i = _value(text, _skip(text, i + 1), depth + 1)
        i = _skip(text, i)
        mark = _at(text, i)
        if mark == "}":
            return result, i + 1
        if mark != ",":
            raise Refused("a comma was expected")
        i = _skip(text, i + 1)


def _array(text, i, depth):
    result = []
    i = _skip(text, i)
    if _at(text, i) == "]":
        return result, i + 1
    while True:
        value, i = _value(text, i, depth + 1)
        result.append(value)
        i = _skip(text, i)
        mark = _at(text, i)
        if mark == "]":
            return result, i + 1
        if mark != ",":
            raise Refused("a comma was expected")
        i = _skip(text, i + 1)


def _integer(text, i):
    end = i
    while end < len(text) and text[end] in "0123456789":
        end += 1
    digits = text[i:end]
    # "1.0", "1e1", "-0", NaN and the literals end here or at the character behind the digits
    if not digits or (digits[0] == "0" and digits != "0"):
        raise Refused("not an integer 0|[1-9][0-9]*")
    if len(digits) > 10 or int(digits) > MAX_INTEGER:
        raise Refused("integer above 2^31-1")
    return int(digits), end


def _string(text, i):
    out = []
    while True:
        character = _at(text, i)
        i += 1
        if character == '"':
            return "".join(out), i
        if character < " ":
            raise Refused("bare control character in a string")
        if character == "\\":
            character, i = _escape(text, i)
        if character == "\0":
            raise Refused("U+0000")
        out.append(character)


def _escape(text, i):
    letter = _at(text, i)
    if letter in ESCAPES:
        return ESCAPES[letter], i + 1
    if letter != "u":
        raise Refused("unknown escape")
    unit, i = _four_hex(text, i + 1)
    if 0xDC00 <= unit <= 0xDFFF:
        raise Refused("lone low surrogate")
    if 0xD800 <= unit <= 0xDBFF:
        if text[i:i + 2] != "\\u":
            raise Refused("lone high surrogate")
        low, i = _four_hex(text, i + 2)
        if not 0xDC00 <= low <= 0xDFFF:
            raise Refused("lone high surrogate")
        unit = 0x10000 + (unit - 0xD800 << 10) + (low - 0xDC00)
    return chr(unit), i


def _four_hex(text, i):
    digits = text[i:i + 4]
    if len(digits) != 4 or any(d not in "0123456789abcdefABCDEF" for d in digits):
        raise Refused("bad \\u escape")
    return int(digits, 16), i + 4
