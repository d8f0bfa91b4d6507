"""Token leaves, redeemed slips and voided slips (PROTOCOL sections 3, 4 and 22)."""
import ed25519
import merkle
from encoding import enc, mask_valid, mask_width


class ListError(ValueError):
    pass


def _records(data, width, name):
    """Whole records of one width, version 0x01, strictly ascending by T."""
    if len(data) % width:
        raise ListError(name + ": not a whole number of records")
    records = [data[i:i + width] for i in range(0, len(data), width)]
    if any(record[0] != 1 for record in records):
        raise ListError(name + ": version")
    if any(a[1:33] >= b[1:33] for a, b in zip(records, records[1:])):
        raise ListError(name + ": not strictly ascending by T")
    return records


class Leaf:
    def __init__(self, record):
        self.bytes, self.T, self.mask = record, record[1:33], record[33:]


class Redeemed:
    def __init__(self, record, width):
        self.leaf, self.window = record[:-1], record[-1]
        self.T, self.mask = record[1:33], record[33:33 + width]
        self.request_hash, self.sig = record[33 + width:65 + width], record[65 + width:129 + width]

    def signature_holds(self, manifest_hash):
        return ed25519.verify(self.T, enc("douxuan/v1/enrol", manifest_hash, self.T, self.request_hash), self.sig)


class Voided:
    def __init__(self, record):
        self.T, self.reason, self.window = record[1:33], record[33], record[34]


def leaves(data, items):
    found = [Leaf(record) for record in _records(data, 33 + mask_width(items), "leaves")]
    if not all(mask_valid(leaf.mask, items) for leaf in found):
        raise ListError("leaves: mask")
    return found


def redeemed(data, items, windows):
    width = mask_width(items)
    found = [Redeemed(record, width) for record in _records(data, 130 + width, "redeemed")]
    if not all(mask_valid(entry.mask, items) for entry in found):
        raise ListError("redeemed: mask")
    if not all(1 <= entry.window <= windows for entry in found):
        raise ListError("redeemed: window")
    return found


def voided(data, windows):
    found = [Voided(record) for record in _records(data, 35, "voided")]
    if not all(entry.reason in (1, 2, 3) for entry in found):
        raise ListError("voided: reason")
    if not all(1 <= entry.window <= windows for entry in found):
        raise ListError("voided: window")
    return found


def redeemed_root(entries, window):
    """The root of the redeemed tree as it stood when `window` closed."""
    return merkle.root_of([entry.leaf for entry in entries if entry.window <= window])
