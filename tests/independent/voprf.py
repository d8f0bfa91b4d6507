"""RFC 9497 mode 1 (VOPRF) over ristretto255-SHA512, with the context string as an argument: the board proof changes it."""
import hashlib

import curve
import ristretto
from curve import L
from encoding import i2osp

CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"
_hashed = {}


def expand_message_xmd(message, dst, length):
    """RFC 9380 section 5.3.1 with SHA-512."""
    if len(dst) > 255:
        dst = hashlib.sha512(b"H2C-OVERSIZE-DST-" + dst).digest()
    dst_prime = dst + i2osp(len(dst), 1)
    b0 = hashlib.sha512(bytes(128) + message + i2osp(length, 2) + b"\x00" + dst_prime).digest()
    block = hashlib.sha512(b0 + b"\x01" + dst_prime).digest()
    out = block
    counter = 2
    while len(out) < length:
        mixed = bytes(x ^ y for x, y in zip(b0, block))
        block = hashlib.sha512(mixed + i2osp(counter, 1) + dst_prime).digest()
        out += block
        counter += 1
    return out[:length]


def hash_to_group(message):
    """RFC 9497 section 4.1; never under another context. The point and its encoding."""
    if message not in _hashed:
        point = ristretto.from_uniform_bytes(expand_message_xmd(message, b"HashToGroup-" + CONTEXT, 64))
        _hashed[message] = point, ristretto.encode(point)
    return _hashed[message]


def hash_to_scalar(message, context=CONTEXT, prefix=b"HashToScalar-"):
    return int.from_bytes(expand_message_xmd(message, prefix + context, 64), "little") % L


def derive_key_pair(seed, info):
    """RFC 9497 section 3.2.1."""
    for counter in range(256):
        sk = hash_to_scalar(seed + i2osp(len(info), 2) + info + i2osp(counter, 1), CONTEXT, b"DeriveKeyPair")
        if sk:
            return sk, ristretto.encode(ristretto.G.multiply(sk))
    raise ValueError("DeriveKeyPair found no key")


def _part(data):
    return i2osp(len(data), 2) + data


def composites(key, inputs, outputs, context):
    """ComputeComposites (RFC 9497 section 2.2.1); inputs and outputs are lists of (point, encoding)."""
    dst = b"Seed-" + context
    seed = hashlib.sha512(_part(key) + _part(dst)).digest()
    m, z = [], []
    for i, ((c_point, c_bytes), (d_point, d_bytes)) in enumerate(zip(inputs, outputs)):
        d = hash_to_scalar(_part(seed) + i2osp(i, 2) + _part(c_bytes) + _part(d_bytes) + b"Composite", context)
        m.append((d, c_point))
        z.append((d, d_point))
    return curve.multiply_sum(m), curve.multiply_sum(z)


def challenge(key, m, z, t2, t3, context):
    parts = [key] + [ristretto.encode(point) for point in (m, z, t2, t3)]
    return hash_to_scalar(b"".join(map(_part, parts)) + b"Challenge", context)


def prove(k, key, inputs, outputs, context, nonce):
    """GenerateProof (RFC 9497 section 2.2.1); `nonce` is a function of the encoded composites, or a number."""
    m, _ = composites(key, inputs, outputs, context)
    z = curve.multiply(k, m)
    r = nonce(ristretto.encode(m), ristretto.encode(z)) if callable(nonce) else nonce
    c = challenge(key, m, z, ristretto.G.multiply(r), curve.multiply(r, m), context)
    return ristretto.encode_scalar(c) + ristretto.encode_scalar(r - c * k)


def verify(key, inputs, outputs, proof, context):
    """VerifyProof (RFC 9497 section 2.2.2)."""
    k_point = ristretto.decode_element(key)
    c, s = ristretto.decode_scalar(proof[:32]), ristretto.decode_scalar(proof[32:])
    if k_point is None or c is None or s is None:
        return False
    m, z = composites(key, inputs, outputs, context)
    t2 = curve.add(ristretto.G.multiply(s), curve.multiply(c, k_point))
    t3 = curve.add(curve.multiply(s, m), curve.multiply(c, z))
    return challenge(key, m, z, t2, t3, context) == c
