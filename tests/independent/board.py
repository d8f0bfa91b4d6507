"""Board files, board proofs and tallies (PROTOCOL section 8)."""
import curve
import merkle
import ristretto
import voprf
from ballot import contest_parts
from encoding import enc, i2osp

CHUNK = 65535


class BoardError(ValueError):
    pass


def split_entries(data):
    """(I2OSP(length,2) || ballot)*, every byte consumed."""
    ballots, offset = [], 0
    while offset < len(data):
        if offset + 2 > len(data):
            raise BoardError("entries: length cut short")
        size = int.from_bytes(data[offset:offset + 2], "big")
        ballots.append(data[offset + 2:offset + 2 + size])
        offset += 2 + size
    if offset != len(data):
        raise BoardError("entries: ballot cut short")
    return ballots


def join_entries(ballots):
    return b"".join(i2osp(len(ballot), 2) + ballot for ballot in ballots)


def root(ballots):
    return merkle.root_of(ballots)


def credential_input(manifest_hash, item, round_, ballot_key):
    return enc("douxuan/v1/credential", *contest_parts(manifest_hash, item, round_), ballot_key)


def proof_context(manifest_hash, item, round_, board_root, chunk):
    """Replaces RFC 9497's context string; without the root a prover who picks the pairs could forge the batch."""
    parts = contest_parts(manifest_hash, item, round_)
    return enc("douxuan/v1/board-proof", *parts, board_root, i2osp(chunk, 2))


_proved = {}


def proofs_hold(manifest_hash, contest, ballots, proofs):
    """`ballots` in board order, one proof for each chunk of 65 535 pairs; every N decodes and is not the identity."""
    board_root = root([b.bytes for b in ballots])
    question = (manifest_hash, contest.key, contest.K, board_root, tuple(proofs))
    if question not in _proved:
        _proved[question] = _proofs_hold(manifest_hash, contest, ballots, board_root, proofs)
    return _proved[question]


def _proofs_hold(manifest_hash, contest, ballots, board_root, proofs):
    chunks = [ballots[i:i + CHUNK] for i in range(0, len(ballots), CHUNK)]
    outputs = [ristretto.decode_element(b.N) for b in ballots]
    if len(chunks) != len(proofs) or None in outputs:
        return False
    for number, (chunk, proof) in enumerate(zip(chunks, proofs)):
        inputs = [voprf.hash_to_group(credential_input(manifest_hash, *contest.key, b.B)) for b in chunk]
        start = number * CHUNK
        pairs = [(outputs[start + i], b.N) for i, b in enumerate(chunk)]
        context = proof_context(manifest_hash, *contest.key, board_root, number)
        if not voprf.verify(contest.K, inputs, pairs, proof, context):
            return False
    return True


class Tally:
    """0x01 || t_0(4)..t_{n-1}(4) || R(32)"""

    def __init__(self, data, n):
        if len(data) != 33 + 4 * n or data[0] != 1:
            raise BoardError("tally: length or version")
        self.t = [int.from_bytes(data[i:i + 4], "big") for i in range(1, 1 + 4 * n, 4)]
        self.R_bytes, self.R = data[-32:], ristretto.decode_scalar(data[-32:])
        if self.R is None:
            raise BoardError("tally: R is not canonical")


def tally_bytes(t, r):
    return b"\x01" + b"".join(i2osp(count, 4) for count in t) + ristretto.encode_scalar(r)


def opens(commitments, t, r):
    """sum C == (sum t_j 2^(32 j)) G + R H, over decoded commitments."""
    left = curve.IDENTITY
    for point in commitments:
        left = curve.add(left, point)
    exponent = sum(count << 32 * j for j, count in enumerate(t)) % curve.L
    right = curve.add(ristretto.G.multiply(exponent), ristretto.H.multiply(r))
    return ristretto.equal(left, right)
