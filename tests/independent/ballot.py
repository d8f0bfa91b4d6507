"""Ballots and their choice proofs (PROTOCOL section 5)."""
import secrets

import curve
import ed25519
import ristretto
from curve import L
from encoding import enc, h2s, i2osp


def length(n):
    return 96 * n + 132


def contest_parts(manifest_hash, item, round_):
    return manifest_hash, i2osp(item, 2), i2osp(round_, 1)


class Ballot:
    """The parts of a ballot of the right length; nothing is decoded yet."""

    def __init__(self, data, n):
        if len(data) != length(n):
            raise ValueError("ballot length")
        self.bytes, self.n = data, n
        self.version = data[0]
        self.item, self.round = int.from_bytes(data[1:3], "big"), data[3]
        self.B, self.N, self.C = data[4:36], data[36:68], data[68:100]
        words = [data[i:i + 32] for i in range(100, 68 + 96 * n, 32)]
        self.a, self.c, self.z = words[:n], words[n:2 * n - 1], words[2 * n - 1:]
        self.signed, self.sigma = data[:-64], data[-64:]

    def header_fits(self, item, round_):
        return (self.version, self.item, self.round) == (1, item, round_)

    def signature_holds(self, manifest_hash):
        return ed25519.verify(self.B, enc("douxuan/v1/ballot", manifest_hash, self.signed), self.sigma)

    def choice_terms(self, manifest_hash, weight):
        """The proof as one weighted equation (h, g, terms): [h]H + [g]G + sum [k]point = 0; None if it does not decode.

        For every j: z_j H - a_j - c_j (C - 2^(32 j) G) = 0, times a weight of its own.
        """
        points = [ristretto.decode_element(data) for data in [self.C] + self.a]
        scalars = [ristretto.decode_scalar(data) for data in self.c + self.z]
        if None in points or None in scalars:
            return None
        c, z = scalars[:self.n - 1], scalars[self.n - 1:]
        contest = contest_parts(manifest_hash, self.item, self.round)
        statement = (i2osp(self.n, 1), ristretto.H_BYTES, self.B, self.N, self.C)
        c.append((h2s("douxuan/v1/choice", *contest, *statement, *self.a) - sum(c)) % L)
        h = g = on_c = 0
        terms = []
        for j in range(self.n):
            w = weight()
            h += w * z[j]
            g += w * c[j] << 32 * j
            on_c -= w * c[j]
            terms.append((w, curve.negate(points[1 + j])))
        terms.append((on_c % L, points[0]))
        return h % L, g % L, terms

    def decodes(self):
        """Elements and scalars as a ballot box decodes them (N included)."""
        elements = [ristretto.decode_element(data) for data in [self.N, self.C] + self.a]
        return None not in elements and None not in [ristretto.decode_scalar(data) for data in self.c + self.z]


_proved = {}


def _holds(equations):
    h, g = sum(e[0] for e in equations) % L, sum(e[1] for e in equations) % L
    terms = [term for e in equations for term in e[2]]
    total = curve.add(ristretto.H.multiply(h), ristretto.G.multiply(g))
    return ristretto.is_identity(curve.add(total, curve.multiply_sum(terms)))


def _weight():
    return secrets.randbits(128) | 1


def choice_holds(ballot, manifest_hash):
    question = (manifest_hash, ballot.bytes)
    if question not in _proved:
        equation = ballot.choice_terms(manifest_hash, _weight)
        _proved[question] = equation is not None and _holds([equation])
    return _proved[question]


def all_choices_hold(ballots, manifest_hash):
    """None, or the first ballot whose proof fails.

    One equation with 128-bit random weights for all: in a group of prime order a false one passes with 2^-127. If it
    fails, each ballot is checked alone.
    """
    fresh = [b for b in ballots if (manifest_hash, b.bytes) not in _proved]
    equations = [b.choice_terms(manifest_hash, _weight) for b in fresh]
    if fresh and None not in equations and _holds(equations):
        _proved.update({(manifest_hash, b.bytes): True for b in fresh})
    for b in ballots:
        if not choice_holds(b, manifest_hash):
            return b
    return None
