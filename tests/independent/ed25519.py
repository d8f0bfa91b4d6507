"""Ed25519 (RFC 8032 section 5.1) with the protocol's strict rule of validity (PROTOCOL section 1)."""
import hashlib

import curve
from curve import L

_verdicts = {}
_keys = {}


def key_point(key):
    """The point of a verification key, or None: canonical, on the curve, not of small order."""
    if key not in _keys:
        point = curve.decompress(key)
        _keys[key] = None if point is None or curve.small_order(point) else point
    return _keys[key]


def verify(key, message, signature):
    """A and R re-compress to the same bytes, neither has small order, S < L, compress([S]B - [k]A) == R.

    No cofactor and no batching: both would accept signatures that another verifier refuses.
    """
    question = (key, message, signature)
    if question not in _verdicts:
        _verdicts[question] = _verify(key, message, signature)
    return _verdicts[question]


def _verify(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    a = key_point(key)
    r_bytes, s = signature[:32], int.from_bytes(signature[32:], "little")
    if a is None or s >= L:
        return False
    r = curve.decompress(r_bytes)
    if r is None or curve.small_order(r):
        return False
    k = int.from_bytes(hashlib.sha512(r_bytes + key + message).digest(), "little") % L
    difference = curve.subtract(curve.BASE.multiply(s), curve.multiply(k, a))
    return curve.compress(difference) == r_bytes


def _expand(seed):
    """RFC 8032 section 5.1.5: the clamped scalar and the prefix for nonces."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return scalar, digest[32:]


def public_key(seed):
    return curve.compress(curve.BASE.multiply(_expand(seed)[0]))


def sign(seed, message):
    """RFC 8032 section 5.1.6."""
    a, prefix = _expand(seed)
    key = curve.compress(curve.BASE.multiply(a))
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    r_bytes = curve.compress(curve.BASE.multiply(r))
    k = int.from_bytes(hashlib.sha512(r_bytes + key + message).digest(), "little")
    return r_bytes + ((r + k * a) % L).to_bytes(32, "little")
