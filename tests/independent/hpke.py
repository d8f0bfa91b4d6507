"""HPKE base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305; one message a context."""
import hashlib
import hmac
import struct

P = 2**255 - 19
KEM = b"KEM" + b"\x00\x20"
SUITE = b"HPKE" + b"\x00\x20" + b"\x00\x01" + b"\x00\x03"


def x25519(scalar, u_bytes):
    """RFC 7748 section 5: the Montgomery ladder; the top bit of u is masked."""
    k = int.from_bytes(scalar, "little") & ((1 << 254) - 8) | 1 << 254
    x1 = (int.from_bytes(u_bytes, "little") & (1 << 255) - 1) % P
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def x25519_public(secret):
    return x25519(secret, (9).to_bytes(32, "little"))


def x25519_usable(public):
    """False for the low-order points, with which every shared secret is zero; any secret shows it."""
    return len(public) == 32 and any(x25519(bytes(range(32)), public))


def hkdf_extract(salt, ikm):
    return hmac.new(salt, ikm, hashlib.sha256).digest()


def hkdf_expand(prk, info, length):
    """RFC 5869 section 2.3."""
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([counter]), hashlib.sha256).digest()
        out, counter = out + block, counter + 1
    return out[:length]


def _labeled_extract(suite, salt, label, ikm):
    return hkdf_extract(salt, b"HPKE-v1" + suite + label + ikm)


def _labeled_expand(suite, prk, label, info, length):
    return hkdf_expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def derive_key_pair(ikm):
    """RFC 9180 section 7.1.3, X25519: sk is used as it comes out."""
    secret = _labeled_expand(KEM, _labeled_extract(KEM, b"", b"dkp_prk", ikm), b"sk", b"", 32)
    return secret, x25519_public(secret)


def shared_secret(dh, enc, public):
    """ExtractAndExpand (RFC 9180 section 4.1)."""
    return _labeled_expand(KEM, _labeled_extract(KEM, b"", b"eae_prk", dh), b"shared_secret", enc + public, 32)


class Context:
    """Key schedule of mode_base (RFC 9180 section 5.1)."""

    def __init__(self, shared, info):
        context = b"\x00" + _labeled_extract(SUITE, b"", b"psk_id_hash", b"")
        context += _labeled_extract(SUITE, b"", b"info_hash", info)
        self.schedule_context = context
        self.secret = _labeled_extract(SUITE, shared, b"secret", b"")
        self.key = _labeled_expand(SUITE, self.secret, b"key", context, 32)
        self.base_nonce = _labeled_expand(SUITE, self.secret, b"base_nonce", context, 12)
        self.exporter_secret = _labeled_expand(SUITE, self.secret, b"exp", context, 32)

    def nonce(self, sequence):
        number = int.from_bytes(self.base_nonce, "big") ^ sequence
        return number.to_bytes(12, "big")

    def seal(self, plain, aad=b"", sequence=0):
        return aead_seal(self.key, self.nonce(sequence), plain, aad)

    def open(self, sealed, aad=b"", sequence=0):
        return aead_open(self.key, self.nonce(sequence), sealed, aad)

    def export(self, context, length):
        return _labeled_expand(SUITE, self.exporter_secret, b"sec", context, length)


def sender(public, info, ephemeral):
    """(enc, context) with the given ephemeral secret."""
    enc = x25519_public(ephemeral)
    return enc, Context(shared_secret(x25519(ephemeral, public), enc, public), info)


def receiver(enc, secret, info):
    public = x25519_public(secret)
    return Context(shared_secret(x25519(secret, enc), enc, public), info)


def _chacha_block(key_words, counter, nonce_words):
    """RFC 8439 section 2.3."""
    start = (0x61707865, 0x3320646e, 0x79622d32, 0x6b206574) + key_words + (counter,) + nonce_words
    s = list(start)
    quarters = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
    for _ in range(10):
        for a, b, c, d in quarters:
            for first, other, mixed, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                s[first] = s[first] + s[other] & 0xFFFFFFFF
                word = s[mixed] ^ s[first]
                s[mixed] = (word << turn | word >> 32 - turn) & 0xFFFFFFFF
    return struct.pack("<16I", *(x + y & 0xFFFFFFFF for x, y in zip(s, start)))


def _stream(key, nonce, length):
    key_words, nonce_words = struct.unpack("<8I", key), struct.unpack("<3I", nonce)
    blocks = range(1, length // 64 + 2)
    return b"".join(_chacha_block(key_words, counter, nonce_words) for counter in blocks)[:length]


def _tag(key, nonce, sealed, aad):
    """RFC 8439 sections 2.5, 2.6 and 2.8."""
    one_time = _chacha_block(struct.unpack("<8I", key), 0, struct.unpack("<3I", nonce))
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    data = aad + bytes(-len(aad) % 16) + sealed + bytes(-len(sealed) % 16)
    data += struct.pack("<QQ", len(aad), len(sealed))
    total = 0
    for i in range(0, len(data), 16):
        total = (total + int.from_bytes(data[i:i + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return (total + int.from_bytes(one_time[16:32], "little") & (1 << 128) - 1).to_bytes(16, "little")


def aead_seal(key, nonce, plain, aad=b""):
    sealed = bytes(x ^ y for x, y in zip(plain, _stream(key, nonce, len(plain))))
    return sealed + _tag(key, nonce, sealed, aad)


def aead_open(key, nonce, sealed, aad=b""):
    """The plaintext, or None."""
    body, tag = sealed[:-16], sealed[-16:]
    if len(sealed) < 16 or not hmac.compare_digest(tag, _tag(key, nonce, body, aad)):
        return None
    return bytes(x ^ y for x, y in zip(body, _stream(key, nonce, len(body))))
