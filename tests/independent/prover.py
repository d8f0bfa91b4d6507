"""The makers' half of the protocol for tests: streams, tokens, enrolment, ballots, proofs. Nothing here is constant time."""
import hashlib

import curve
import ed25519
import hpke
import ristretto
import voprf
from ballot import contest_parts
from board import credential_input, proof_context
from curve import L
from encoding import enc, h2s, i2osp, mask_excludes, sha256

NO_EVALUATION = bytes(96)


class Stream:
    """Fixed bytes: the blocks SHA-512(seed || I2OSP(counter, 8)), read left to right."""

    def __init__(self, seed):
        self.seed, self.counter, self.rest = seed.encode("utf-8"), 0, b""

    def bytes(self, count):
        while len(self.rest) < count:
            self.rest += hashlib.sha512(self.seed + i2osp(self.counter, 8)).digest()
            self.counter += 1
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def scalar(self):
        """64 bytes mod L, drawn again if zero."""
        while True:
            number = int.from_bytes(self.bytes(64), "little") % L
            if number:
                return number


def token_seed(meeting, token):
    return hpke.hkdf_expand(hpke.hkdf_extract(meeting, token), b"douxuan/v1/token", 32)


def issuer_key(seed, meeting, item, round_):
    return voprf.derive_key_pair(seed, enc("douxuan/v1/issuer", meeting, i2osp(item, 2), i2osp(round_, 1)))


def seal(kind, public, manifest_hash, item, round_, plain, ephemeral):
    """(enc || ct, reply key)"""
    info = enc("douxuan/v1/hpke", kind.encode("ascii"), *contest_parts(manifest_hash, item, round_))
    encapsulated, context = hpke.sender(public, info, ephemeral)
    return encapsulated + context.seal(plain), context.export(b"douxuan/v1/reply", 32)


class Request:
    """An enrolment: fresh ballot keys, blinded inputs, the token's signature."""

    def __init__(self, manifest, seed_t, stream):
        self.M, self.T = manifest.M, ed25519.public_key(seed_t)
        self.seeds, self.blinds, self.keys, self.inputs, blinded = {}, {}, {}, {}, []
        for key in manifest.contests:
            seed = stream.bytes(32)
            self.seeds[key], self.blinds[key] = seed, stream.scalar()
            self.keys[key] = ed25519.public_key(seed)
            self.inputs[key] = credential_input(self.M, *key, self.keys[key])
            point, _ = voprf.hash_to_group(self.inputs[key])
            blinded.append(ristretto.encode(curve.multiply(self.blinds[key], point)))
        self.blinded = dict(zip(manifest.contests, blinded))
        self.hash = sha256(b"".join(blinded))
        self.sig = ed25519.sign(seed_t, enc("douxuan/v1/enrol", self.M, self.T, self.hash))
        self.plain = b"\x01" + self.M + self.T + b"".join(blinded) + self.sig

    def credential(self, key, evaluated):
        """N = Z / blind (RFC 9497 Finalize without its last hash)."""
        inverse = pow(self.blinds[key], -1, L)
        return ristretto.encode(curve.multiply(inverse, ristretto.decode_element(evaluated)))


def dleq(k, public, inputs, outputs, context, fresh):
    """A proof with the protocol's own nonce; fresh: 32 bytes."""
    def nonce(m, z):
        return h2s("douxuan/v1/nonce-dleq", ristretto.encode_scalar(k), context, public, m, z, fresh)
    return voprf.prove(k, public, inputs, outputs, context, nonce)


def evaluate(k, public, blinded, fresh):
    """Z || c || s of one contest."""
    point = ristretto.decode_element(blinded)
    result = curve.multiply(k, point)
    encoded = ristretto.encode(result)
    return encoded + dleq(k, public, [(point, blinded)], [(result, encoded)], voprf.CONTEXT, fresh)


def evaluations(manifest, issuer, request, mask, stream):
    """(Z || c || s)^c: 96 zero bytes where the mask excludes."""
    body = b""
    for key, contest in manifest.contests.items():
        if mask_excludes(mask, key[0]):
            body += NO_EVALUATION
        else:
            body += evaluate(issuer[key], contest.K, request.blinded[key], stream.bytes(32))
    return body


def reply_plain(mask, evaluated, index, path, depth):
    """0x01 || status || mask || (Z || c || s)^c || index(4) || path || zeros to the tree's depth"""
    return b"\x01\x00" + mask + evaluated + i2osp(index, 4) + b"".join(path) + bytes(32 * (depth - len(path)))


class Cast:
    """One ballot for option j, with its opening."""

    def __init__(self, manifest_hash, item, round_, n, key_seed, credential, j, stream):
        self.j, self.r, fresh = j, stream.scalar(), stream.bytes(32)
        self.key_seed = key_seed  # a phone erases it here; the model keeps it to make false ballots
        self.B, self.N = ed25519.public_key(key_seed), credential
        commitment = curve.add(ristretto.G.multiply(1 << 32 * j), ristretto.H.multiply(self.r))
        self.C = ristretto.encode(commitment)
        contest = contest_parts(manifest_hash, item, round_)
        statement = (i2osp(n, 1), self.B, self.N, self.C)
        proof = self._prove(contest, statement, n, commitment, fresh)
        signed = b"\x01" + i2osp(item, 2) + i2osp(round_, 1) + self.B + self.N + self.C + proof
        self.bytes = signed + ed25519.sign(key_seed, enc("douxuan/v1/ballot", manifest_hash, signed))
        self.opening = i2osp(j, 1) + ristretto.encode_scalar(self.r)

    def _prove(self, contest, statement, n, commitment, fresh):
        secret = ristretto.encode_scalar(self.r)
        nonces = [[h2s("douxuan/v1/nonce-choice", secret, *contest, *statement, i2osp(i, 1), use, fresh)
                   for i in range(n)] for use in (b"z", b"c")]
        z, c = nonces
        a = []
        for i in range(n):
            point = ristretto.H.multiply(z[i])
            if i != self.j:
                other = curve.subtract(commitment, ristretto.G.multiply(1 << 32 * i))
                point = curve.subtract(point, curve.multiply(c[i], other))
            a.append(ristretto.encode(point))
        whole = h2s("douxuan/v1/choice", *contest, statement[0], ristretto.H_BYTES, *statement[1:], *a)
        c[self.j] = (whole - sum(c) + c[self.j]) % L
        z[self.j] = (z[self.j] + c[self.j] * self.r) % L
        return b"".join(a) + b"".join(map(ristretto.encode_scalar, c[:n - 1] + z))


def board_proof(k, public, manifest_hash, item, round_, ballots, root, fresh, context=None):
    """One chunk; ballots are (B, N) in board order."""
    inputs = [voprf.hash_to_group(credential_input(manifest_hash, item, round_, key)) for key, _ in ballots]
    outputs = [(ristretto.decode_element(n), n) for _, n in ballots]
    if context is None:
        context = proof_context(manifest_hash, item, round_, root, 0)
    return dleq(k, public, inputs, outputs, context, fresh)
