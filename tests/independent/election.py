"""A small model of a whole meeting: it plays the office, the phones and the urn, and writes the audit bundle.

Everything comes from named streams, so the same calls give the same bytes. All names are invented.
"""
import json

import board
import container
import curve
import ed25519
import hpke
import log as log_
import lists
import merkle
import notes
import result
import ristretto
import voprf
from encoding import enc, i2osp, mask_bytes, mask_excludes, sha256
from manifest import Manifest
from prover import Cast, Stream, board_proof, issuer_key, token_seed

SCALE = [("good", "好", "good", "grade"), ("fair", "较好", "fairly good", "grade"),
         ("average", "一般", "average", "grade"), ("poor", "较差", "poor", "grade"),
         ("abstain", "弃权", "abstain", "abstain")]
NAMES = "甲乙丙丁戊己庚辛壬癸"


class Slip:
    def __init__(self, election, index, excluded):
        self.token = Stream("%s token %d" % (election.seed, index)).bytes(10)
        self.seed = token_seed(election.meeting, self.token)
        self.T = ed25519.public_key(self.seed)
        self.mask = mask_bytes(excluded, election.item_count)
        self.leaf = b"\x01" + self.T + self.mask
        self.record, self.index = None, index


class Election:
    def __init__(self, seed, items, rounds, slips, expected, excluded=None, actors=("office",), policy=None):
        """excluded: {slip index: [items]}"""
        self.seed, self.item_count = seed, items
        self.meeting = Stream(seed + " meeting").bytes(16)
        self.secret = {name: Stream(seed + " key " + name).bytes(32) for name in ("receipt", "log", "result")}
        self.slips = [Slip(self, i, (excluded or {}).get(i, [])) for i in range(slips)]
        self.leaves = sorted(slip.leaf for slip in self.slips)
        self.issuer, contests = {}, []
        issuer_seed = Stream(seed + " issuer").bytes(32)
        for key in [(0, 0)] + [(i, r) for i in range(1, items + 1) for r in range(1, rounds + 1)]:
            self.issuer[key], public = issuer_key(issuer_seed, self.meeting, *key)
            casting = hpke.x25519_public(Stream(seed + " casting %d/%d" % key).bytes(32))
            contests.append({"item": key[0], "round": key[1], "K": public.hex(), "E": casting.hex()})
        self.manifest = Manifest(self._manifest_bytes(items, rounds, expected, contests, policy))
        self.M = self.manifest.M
        roles = {"office": 1, "chair": 2, "scrutineer": 3, "teller": 4}
        self.actors = [log_.actor(roles[name], self.M, name) for name in actors]
        self.entries, self.window = [], 0
        self.redeemed, self.voided, self.urns, self.files = [], [], {}, {}
        self.tallies, self.proofs, self.paper_of = {}, {}, {}
        self.say(log_.MANIFEST, M=self.M)

    def _manifest_bytes(self, items, rounds, expected, contests, policy):
        thresholds = {"base": "valid", "paper": "included", "option": "poor", "reaches": [1, 5], "over": [3, 10]}
        thresholds.update(policy or {})
        manifest = {
            "suite": "douxuan-v1-ristretto255-sha512", "meeting": self.meeting.hex(), "title": "示例评议会",
            "date": "2026-03-02", "place": "示例礼堂", "expected": expected,
            "items": [{"number": i, "name": "示例" + NAMES[(i - 1) % 10], "unit": "示例单位", "post": "示例职务",
                       "report": "oral" if i % 2 else "written", "rounds": rounds} for i in range(1, items + 1)],
            "contests": contests, "E_0": hpke.x25519_public(Stream(self.seed + " enrolment").bytes(32)).hex(),
            "scale": [dict(zip(("code", "zh", "en", "kind"), option)) for option in SCALE],
            "thresholds": thresholds,
            "tokens": {"leaves": len(self.leaves), "root": merkle.root_of(self.leaves).hex()},
            "keys": {name: ed25519.public_key(seed).hex() for name, seed in self.secret.items()},
            "release": {"kind": "close", "n": 10, "f": 10}, "page": {"script": "00" * 32, "wasm": "11" * 32},
            "issuers": ["self"], "witnesses": [], "quorum": 0, "cast_via": []}
        return json.dumps(manifest, ensure_ascii=False).encode("utf-8")

    def say(self, kind, **fields):
        self.entries.append(log_.encode(kind, self.actors, **fields))

    def open_window(self):
        self.window += 1
        self.say(log_.WINDOW_OPENED, window=self.window)

    def redeem(self, slip):
        request_hash = Stream("%s request %d" % (self.seed, slip.index)).bytes(32)
        sig = ed25519.sign(slip.seed, enc("douxuan/v1/enrol", self.M, slip.T, request_hash))
        slip.record = slip.leaf + request_hash + sig + i2osp(self.window, 1)
        self.redeemed = sorted(self.redeemed + [slip.record])

    def close_window(self, present):
        root = merkle.root_of([record[:-1] for record in self.redeemed])
        self.say(log_.WINDOW_CLOSED, window=self.window, present=present, redeemed=len(self.redeemed), root=root)

    def void_slip(self, slip, reason):
        self.voided = sorted(self.voided + [b"\x01" + slip.T + i2osp(reason, 1) + i2osp(self.window, 1)])
        self.say(log_.SLIP_VOIDED, T=slip.T, reason=reason, window=self.window)

    def end_enrolment(self):
        self.unused = len(self.leaves) - len(self.redeemed) - len(self.voided)
        self.say(log_.ENROLMENT_ENDED, windows=self.window, unused=self.unused)

    def open(self, item, round_):
        self.say(log_.OPENED, item=item, round=round_, window=self.window, empty=1)
        self.urns[item, round_] = []

    def destroy_rehearsal(self):
        self.say(log_.DESTROYED, item=0, round=0)

    def cast(self, item, round_, slip, j):
        """The ballot of one slip; its credential is k * HashToGroup(input) without the detour of blinding."""
        if mask_excludes(slip.mask, item):
            raise ValueError("this slip does not rate this item")
        stream = Stream("%s ballot %d/%d %d" % (self.seed, item, round_, slip.index))
        key_seed = stream.bytes(32)
        message = board.credential_input(self.M, item, round_, ed25519.public_key(key_seed))
        credential = ristretto.encode(curve.multiply(self.issuer[item, round_], voprf.hash_to_group(message)[0]))
        made = Cast(self.M, item, round_, len(SCALE), key_seed, credential, j, stream)
        self.urns[item, round_].append(made)
        return made

    def receipt(self, item, round_, made):
        text = notes.receipt_text(self.manifest, item, round_, merkle.leaf_hash(made.bytes)).encode("ascii")
        return notes.make_note(text, self.manifest.origin + "/receipt", self.secret["receipt"])

    def close(self, item, round_):
        key, path = (item, round_), "board/%d-%d/" % (item, round_)
        urn = self.urns[key] = sorted(self.urns[key], key=lambda made: merkle.leaf_hash(made.bytes))
        ballots = [made.bytes for made in urn]
        root = board.root(ballots)
        text = notes.checkpoint_text(self.manifest.origin + "/board/%d/%d" % key, len(urn), root)
        self.files[path + "checkpoint"] = notes.make_note(text, self.manifest.origin + "/log", self.secret["log"])
        self.files[path + "entries"] = board.join_entries(ballots)
        self.proofs[key] = []
        if urn:
            fresh = Stream("%s proof %d/%d" % (self.seed, item, round_)).bytes(32)
            public = self.manifest.contests[key].K
            pairs = [(made.B, made.N) for made in urn]
            self.proofs[key] = [board_proof(self.issuer[key], public, self.M, item, round_, pairs, root, fresh)]
            self.files[path + "proof"] = b"\x01" + b"".join(self.proofs[key])
        t = [sum(1 for made in urn if made.j == j) for j in range(len(SCALE))]
        self.tallies[key] = t, sum(made.r for made in urn) % curve.L
        self.say(log_.CLOSED, item=item, round=round_, size=len(urn), root=root)

    def paper(self, item, round_, issued, p, invalid=0, ungraded=0):
        self.say(log_.PAPER, item=item, round=round_, issued=issued, invalid=invalid, ungraded=ungraded, p=p)

    def publish(self, item, round_):
        key = item, round_
        t, r = self.tallies[key]
        if 1 <= sum(t) <= 4:
            self.say(log_.PUBLISHED, item=item, round=round_, withheld=1, proofs=self.proofs[key])
        else:
            self.files["board/%d-%d/tally" % key] = board.tally_bytes(t, r)
            self.say(log_.PUBLISHED, item=item, round=round_, withheld=0, t=t, R=ristretto.encode_scalar(r),
                     proofs=self.proofs[key])

    def void(self, item, round_, after):
        self.say(log_.VOIDED, item=item, round=round_, after=after)

    def finish(self):
        """The result note, the log's last entry, the summary: the bundle."""
        files, m = self.files, self.manifest
        files["manifest.json"] = m.bytes
        files["tokens/leaves"] = b"".join(self.leaves)
        files["tokens/redeemed"], files["tokens/voided"] = b"".join(self.redeemed), b"".join(self.voided)
        # lines and summary need the finished log, and its result entry needs the hash of the note: fill it in last
        entries = [log_.decode_all(entry)[0] for entry in self.entries + [log_.encode(log_.RESULT, note_hash=bytes(32))]]
        log = log_.Log(entries, m)
        redeemed = lists.redeemed(files["tokens/redeemed"], self.item_count, self.window)
        voided = lists.voided(files["tokens/voided"], self.window)
        masks = {slip.T: slip.mask for slip in self.slips}
        tally = {key: board.Tally(board.tally_bytes(*value), m.n) for key, value in self.tallies.items()}
        counts = [result.Counts(m, c, tally[c.key] if c.has_figures else None, redeemed, voided, masks)
                  for c in log.rated()]
        before = merkle.root_of(self.entries)
        lines = result.note_lines(m, log, before, self.unused, voided, counts)
        text = ("\n".join(lines) + "\n").encode("utf-8")
        files["result"] = notes.make_note(text, m.origin + "/result", self.secret["result"])
        files["summary.txt"] = result.summary(m, log, self.unused, voided, counts)
        self.say(log_.RESULT, note_hash=sha256(files["result"]))
        files["log/entries"] = b"".join(self.entries)
        text = notes.checkpoint_text(m.origin + "/log", len(self.entries), merkle.root_of(self.entries))
        files["log/checkpoint"] = notes.make_note(text, m.origin + "/log", self.secret["log"])
        return container.build(files)
