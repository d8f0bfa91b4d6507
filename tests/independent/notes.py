"""C2SP signed notes (signed-note v1) with exactly one signature line, and checkpoints (tlog-checkpoint v1)."""
import base64

import ed25519
from encoding import sha256


def key_hash(name, key):
    """The first four bytes of SHA-256(name || LF || 0x01 || key); 0x01 is Ed25519."""
    return sha256(name.encode("utf-8") + b"\n\x01" + key)[:4]


def _base64(text):
    """Standard padded base64 in its one canonical form, else None."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data) == text else None


def open_note(note, name, key):
    """The signed text (bytes, with its last LF), or None."""
    text, blank, signature = note.rpartition(b"\n\n")
    text += b"\n"
    prefix = "— ".encode("utf-8") + name.encode("utf-8") + b" "
    if not blank or not signature.startswith(prefix) or not signature.endswith(b"\n"):
        return None
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if any(byte < 0x20 and byte != 0x0A for byte in text):
        return None
    payload = _base64(signature[len(prefix):-1])
    if payload is None or len(payload) != 68 or payload[:4] != key_hash(name, key):
        return None
    return text if ed25519.verify(key, text, payload[4:]) else None


def make_note(text, name, seed):
    payload = key_hash(name, ed25519.public_key(seed)) + ed25519.sign(seed, text)
    line = "— " + name + " " + base64.b64encode(payload).decode("ascii") + "\n"
    return text + b"\n" + line.encode("utf-8")


def checkpoint_text(origin, size, root):
    return (origin + "\n" + str(size) + "\n" + base64.b64encode(root).decode("ascii") + "\n").encode("utf-8")


def receipt_text(manifest, item, round_, leaf):
    return "%s/receipt\n%s\n%d/%d\n%s\n" % (manifest.origin, manifest.M.hex(), item, round_, leaf.hex())


def lines_of_kind(note, kind):
    """The text's lines (those before the first empty line) whose first word is `kind`; none if there is no such line."""
    try:
        lines = note.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError:
        return []
    if "" not in lines:
        return []
    return [line for line in lines[:lines.index("")] if line.split(" ")[0] == kind]
