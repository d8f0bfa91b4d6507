"""enc, H2S, the screen code and the short text forms (PROTOCOL sections 1 to 3)."""
import base64
import hashlib

from curve import L


def i2osp(number, width):
    return number.to_bytes(width, "big")


def enc(label, *parts):
    """I2OSP(len(label),1) || label || I2OSP(k,1) || (I2OSP(len(p),4) || p)*"""
    label = label.encode("ascii")
    body = b"".join(i2osp(len(part), 4) + part for part in parts)
    return i2osp(len(label), 1) + label + i2osp(len(parts), 1) + body


def h2s(label, *parts):
    return int.from_bytes(hashlib.sha512(enc(label, *parts)).digest(), "little") % L


def sha256(data):
    return hashlib.sha256(data).digest()


_screen_codes = {}


def screen_code(kind, data):
    """Eight groups of four digits; 65 536 hashes make a near collision on screen expensive to search."""
    if (kind, data) not in _screen_codes:
        value = enc("douxuan/v1/screen-code", kind.encode("ascii"), data)
        for _ in range(65536):
            value = hashlib.sha256(value).digest()
        digits = str(int.from_bytes(value, "big") % 10**32).zfill(32)
        _screen_codes[kind, data] = " ".join(digits[i:i + 4] for i in range(0, 32, 4))
    return _screen_codes[kind, data]


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def token_text(token):
    """10 bytes as 16 characters in groups of four."""
    number = int.from_bytes(token, "big")
    text = "".join(CROCKFORD[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(text[i:i + 4] for i in range(0, 16, 4))


def parse_token_text(text):
    """The 10 bytes, or None. Hyphens go first, then I, L -> 1 and O -> 0; U, spaces and anything else are refused."""
    number, count = 0, 0
    for character in text:
        if character == "-":
            continue
        character = {"i": "I", "l": "L", "o": "O"}.get(character, character)
        character = {"I": "1", "L": "1", "O": "0"}.get(character, character)
        if character.isascii():
            character = character.upper()
        if character not in CROCKFORD:
            return None
        number, count = number << 5 | CROCKFORD.index(character), count + 1
    return i2osp(number, 10) if count == 16 else None


def mask_width(items):
    return (items + 7) // 8


def mask_bytes(excluded, items):
    """The exclusion mask: bit i-1 set means item i is not rated by this slip."""
    return i2osp(sum(1 << (item - 1) for item in excluded), mask_width(items))


def mask_valid(mask, items):
    return len(mask) == mask_width(items) and int.from_bytes(mask, "big") >> items == 0


def mask_excludes(mask, item):
    """The rehearsal (item 0) is excluded by no mask."""
    return item > 0 and int.from_bytes(mask, "big") >> (item - 1) & 1 == 1


def parse_slip_qr(url, items):
    """(origin, M, token, mask) of `<origin>/#<base64url>`, or None."""
    origin, mark, fragment = url.partition("/#")
    if not mark or not origin:
        return None
    try:
        payload = base64.b64decode(fragment.encode("ascii") + b"=" * (-len(fragment) % 4), b"-_", validate=True)
    except ValueError:
        return None
    if base64.urlsafe_b64encode(payload).rstrip(b"=").decode("ascii") != fragment:
        return None
    if len(payload) != 43 + mask_width(items) or payload[0] != 1 or not mask_valid(payload[43:], items):
        return None
    return origin, payload[1:33], payload[33:43], payload[43:]


def slip_qr(origin, manifest_hash, token, mask):
    payload = b"\x01" + manifest_hash + token + mask
    return origin + "/#" + base64.urlsafe_b64encode(payload).rstrip(b"=").decode("ascii")
