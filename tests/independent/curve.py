"""The group of edwards25519 (RFC 8032 section 5.1): -x^2 + y^2 = 1 + d x^2 y^2 over p = 2^255 - 19.

Points are extended coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, T = XY/Z. The addition law is complete (Hisil et al.
2008, the formulas RFC 8032 section 5.1.4 quotes), so torsion points need no special case. Nothing here is constant time:
a verifier has no secrets.
"""

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
D2 = 2 * D % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m = (y1 - x1) * (y2 - x2) % P
    n = (y1 + x1) * (y2 + x2) % P
    c = t1 * D2 % P * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(a):
    x, y, z, _ = a
    xx, yy = x * x % P, y * y % P
    h = xx + yy
    e = h - (x + y) * (x + y) % P
    g = xx - yy
    f = 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(a):
    return P - a[0], a[1], a[2], P - a[3]


def subtract(a, b):
    return add(a, negate(b))


def _non_adjacent(k, width):
    """The width-w non-adjacent form of k >= 0, lowest digit first."""
    digits, full, half = [], 1 << width, 1 << (width - 1)
    while k:
        if k & 1:
            digit = k & (full - 1)
            if digit >= half:
                digit -= full
            k -= digit
            digits.append(digit)
        else:
            digits.append(0)
        k >>= 1
    return digits


def multiply(k, a):
    """[k]a for the integer k >= 0 exactly as given: k is not reduced, since a may have a torsion component."""
    twice = double(a)
    odd = [a]
    for _ in range(7):
        odd.append(add(odd[-1], twice))
    result = IDENTITY
    for digit in reversed(_non_adjacent(k, 5)):
        result = double(result)
        if digit > 0:
            result = add(result, odd[digit >> 1])
        elif digit < 0:
            result = subtract(result, odd[-digit >> 1])
    return result


class FixedBase:
    """[k]base by a table of base * digit * 16^i: 64 additions and no doubling."""

    def __init__(self, base):
        self.point = base
        self.rows = []
        for _ in range(64):
            row = [IDENTITY]
            for _ in range(15):
                row.append(add(row[-1], base))
            self.rows.append(row)
            base = add(row[-1], base)

    def multiply(self, k):
        result = IDENTITY
        for row in self.rows:
            digit = k & 15
            if digit:
                result = add(result, row[digit])
            k >>= 4
            if not k:
                break
        return result


def multiply_sum(terms):
    """sum [k]a over (k, a) with k >= 0, by buckets (Pippenger)."""
    terms = [(k, a) for k, a in terms if k]
    if len(terms) < 8:
        result = IDENTITY
        for k, a in terms:
            result = add(result, multiply(k, a))
        return result
    width = max(3, min(12, len(terms).bit_length() - 2))
    top = max(k.bit_length() for k, _ in terms)
    mask = (1 << width) - 1
    result = IDENTITY
    for shift in range((top - 1) // width * width, -1, -width):
        for _ in range(width):
            result = double(result)
        buckets = [None] * (mask + 1)
        for k, a in terms:
            digit = (k >> shift) & mask
            if digit:
                bucket = buckets[digit]
                buckets[digit] = a if bucket is None else add(bucket, a)
        running = total = IDENTITY
        for bucket in reversed(buckets[1:]):
            if bucket is not None:
                running = add(running, bucket)
            total = add(total, running)
        result = add(result, total)
    return result


def compress(a):
    """RFC 8032 section 5.1.2."""
    x, y, z, _ = a
    inverse = pow(z, -1, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decompress(encoding):
    """RFC 8032 section 5.1.3; None unless the point compresses to the same 32 bytes again."""
    number = int.from_bytes(encoding, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if len(encoding) != 32 or y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    v3 = v * v % P * v % P
    x = u * v3 % P * pow(u * v3 % P * v3 % P * v % P, (P - 5) // 8, P) % P
    vxx = v * x % P * x % P
    if vxx == P - u and u:
        x = x * SQRT_M1 % P
    elif vxx != u:
        return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def small_order(a):
    """True iff [8]a is the identity."""
    x, y, z, _ = double(double(double(a)))
    return x == 0 and y == z


_BASE_Y = 4 * pow(5, -1, P) % P
BASE = FixedBase(decompress(_BASE_Y.to_bytes(32, "little")))
