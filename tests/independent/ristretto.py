"""ristretto255 (RFC 9496 section 4) on top of curve.py. An element is one point of its coset; compare with equal()."""
import hashlib

import curve
from curve import D, L, P, SQRT_M1

INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) * (D - 1) % P

_decoded = {}


def _absolute(x):
    return P - x if x & 1 else x


def _sqrt_ratio_m1(u, v):
    """RFC 9496 section 4.2: (was u/v square?, the nonnegative root of u/v or of i*u/v)."""
    v3 = v * v % P * v % P
    r = u * v3 % P * pow(u * v3 % P * v3 % P * v % P, (P - 5) // 8, P) % P
    check = v * r % P * r % P
    correct = check == u % P
    flipped = check == -u % P
    flipped_i = check == -u * SQRT_M1 % P
    if flipped or flipped_i:
        r = r * SQRT_M1 % P
    return correct or flipped, _absolute(r)


def decode(encoding):
    """RFC 9496 section 4.3.1; None if refused. The identity (32 zero bytes) decodes: see decode_element()."""
    if encoding in _decoded:
        return _decoded[encoding]
    point = _decode(encoding)
    _decoded[encoding] = point
    return point


def _decode(encoding):
    s = int.from_bytes(encoding, "little")
    if len(encoding) != 32 or s >= P or s & 1:
        return None
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    u2_sqr = u2 * u2 % P
    v = (-(D * u1 % P * u1) - u2_sqr) % P
    was_square, invsqrt = _sqrt_ratio_m1(1, v * u2_sqr % P)
    den_x = invsqrt * u2 % P
    den_y = invsqrt * den_x % P * v % P
    x = _absolute(2 * s * den_x % P)
    y = u1 * den_y % P
    t = x * y % P
    if not was_square or t & 1 or y == 0:
        return None
    return x, y, 1, t


def encode(a):
    """RFC 9496 section 4.3.2."""
    x0, y0, z0, t0 = a
    u1 = (z0 + y0) * (z0 - y0) % P
    u2 = x0 * y0 % P
    _, invsqrt = _sqrt_ratio_m1(1, u1 * u2 % P * u2 % P)
    den1, den2 = invsqrt * u1 % P, invsqrt * u2 % P
    z_inv = den1 * den2 % P * t0 % P
    if t0 * z_inv % P & 1:
        x, y, den_inv = y0 * SQRT_M1 % P, x0 * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    else:
        x, y, den_inv = x0, y0, den2
    if x * z_inv % P & 1:
        y = -y
    return _absolute(den_inv * (z0 - y) % P).to_bytes(32, "little")


def equal(a, b):
    """RFC 9496 section 4.3.3."""
    return (a[0] * b[1] - a[1] * b[0]) % P == 0 or (a[1] * b[1] - a[0] * b[0]) % P == 0


def is_identity(a):
    return a[0] == 0 or a[1] == 0


def decode_element(encoding):
    """A received element: canonical and not the identity (PROTOCOL section 1), else None."""
    point = decode(encoding)
    return None if point is None or is_identity(point) else point


def decode_scalar(encoding):
    """A received scalar: canonical, zero allowed, else None."""
    number = int.from_bytes(encoding, "little")
    return number if len(encoding) == 32 and number < L else None


def encode_scalar(number):
    return (number % L).to_bytes(32, "little")


def _map(t):
    """RFC 9496 section 4.3.4, MAP."""
    r = SQRT_M1 * t % P * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    was_square, s = _sqrt_ratio_m1(u, v)
    c = -1
    if not was_square:
        s, c = -_absolute(s * t % P) % P, r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0 = 2 * s * v % P
    w1 = n * SQRT_AD_MINUS_ONE % P
    w2, w3 = (1 - s * s) % P, (1 + s * s) % P
    return w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P


def from_uniform_bytes(data):
    """RFC 9496 section 4.3.4: 64 bytes, the top bit of each half ignored."""
    mask = (1 << 255) - 1
    halves = (int.from_bytes(data[i:i + 32], "little") & mask for i in (0, 32))
    return curve.add(*(_map(half % P) for half in halves))


G = curve.BASE
H = curve.FixedBase(from_uniform_bytes(hashlib.sha512(b"douxuan/v1/pedersen-h").digest()))
H_BYTES = encode(H.point)
