"""The manifest: its strict form, its limits and its keys (PROTOCOL sections 2 and 20). This is step V1."""
import ed25519
import hpke
import ristretto
import strictjson
from encoding import screen_code, sha256
from strictjson import Refused

SUITE = "douxuan-v1-ristretto255-sha512"
FORBIDDEN = set(range(0x20)) | set(range(0x7F, 0xA0)) | {0x61C, 0x200E, 0x200F, 0xFEFF}
FORBIDDEN |= set(range(0x2028, 0x202F)) | set(range(0x2066, 0x206A))


def _check(condition, why):
    if not condition:
        raise Refused(why)


def _fields(value, names, where):
    _check(isinstance(value, dict) and set(value) == set(names.split()), where + ": wrong set of fields")
    return value


def _list(value, low, high, where):
    _check(isinstance(value, list) and low <= len(value) <= high, where + ": wrong list")
    return value


def _text(value, longest, where):
    _check(isinstance(value, str) and 1 <= len(value) <= longest, where + ": wrong length of text")
    _check(not any(ord(c) in FORBIDDEN for c in value), where + ": forbidden character")
    return value


def _number(value, low, high, where):
    _check(isinstance(value, int) and low <= value <= high, where + ": wrong number")
    return value


def _hex(value, width, where):
    _check(isinstance(value, str) and len(value) == 2 * width, where + ": wrong length of hex")
    _check(all(c in "0123456789abcdef" for c in value), where + ": not lowercase hex")
    return bytes.fromhex(value)


def _choice(value, options, where):
    _check(isinstance(value, str) and value in options.split(), where + ": none of " + options)
    return value


class Contest:
    def __init__(self, item, round_, k, e):
        self.item, self.round, self.K, self.E = item, round_, k, e
        self.key = (item, round_)


class Manifest:
    """A checked manifest; raises Refused otherwise. `with_keys=False` leaves the curve checks of the keys out."""

    def __init__(self, data, with_keys=True):
        self.bytes, self.M = data, sha256(data)
        self.json = _fields(strictjson.parse(data), "suite meeting title date place expected items contests E_0 scale "
                            "thresholds tokens keys release page issuers witnesses quorum cast_via", "manifest")
        self._head()
        self._items()
        self._scale()
        self._rest()
        if with_keys:
            self._check_keys()

    def _head(self):
        m = self.json
        _check(m["suite"] == SUITE, "suite")
        self.meeting = _hex(m["meeting"], 16, "meeting")
        self.origin = "douxuan/" + m["meeting"]
        self.title, self.place = _text(m["title"], 80, "title"), _text(m["place"], 80, "place")
        date = self.date = m["date"]
        _check(isinstance(date, str) and len(date) == 10 and date[4] == date[7] == "-", "date")
        _check(all(c in "0123456789" for c in date[:4] + date[5:7] + date[8:]), "date: digits only")
        _check(1 <= int(date[5:7]) <= 12 and 1 <= int(date[8:]) <= 31, "date: no such day")
        self.expected = _number(m["expected"], 1, 500, "expected")

    def _items(self):
        self.items, keys = [], [(0, 0)]
        for index, item in enumerate(_list(self.json["items"], 1, 60, "items"), 1):
            _fields(item, "number name unit post report rounds", "item")
            _check(isinstance(item["number"], int) and item["number"] == index, "item: number out of order")
            _text(item["name"], 40, "name"), _text(item["unit"], 80, "unit"), _text(item["post"], 80, "post")
            _choice(item["report"], "oral written", "report")
            rounds = _number(item["rounds"], 1, 4, "rounds")
            self.items.append(item)
            keys += [(index, r) for r in range(1, rounds + 1)]
        self.contests = {}
        contests = _list(self.json["contests"], len(keys), len(keys), "contests")
        for key, contest in zip(keys, contests):
            _fields(contest, "item round K E", "contest")
            _check((contest["item"], contest["round"]) == key, "contests: wrong order")
            k, e = _hex(contest["K"], 32, "K"), _hex(contest["E"], 32, "E")
            self.contests[key] = Contest(*key, k, e)
        self.E_0 = _hex(self.json["E_0"], 32, "E_0")

    def _scale(self):
        self.scale = _list(self.json["scale"], 2, 7, "scale")
        for option in self.scale:
            _fields(option, "code zh en kind", "option")
            _text(option["code"], 16, "code")
            _check(all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in option["code"]), "code: character")
            _text(option["zh"], 20, "zh"), _text(option["en"], 20, "en")
            _choice(option["kind"], "grade abstain", "kind")
        codes = [option["code"] for option in self.scale]
        _check(len(set(codes)) == len(codes), "scale: equal codes")
        self.n = len(self.scale)
        self.grades = [j for j, option in enumerate(self.scale) if option["kind"] == "grade"]
        _check(self.grades, "scale: no grade")
        policy = self.thresholds = _fields(self.json["thresholds"], "base paper option reaches over", "thresholds")
        _choice(policy["base"], "valid cast", "base"), _choice(policy["paper"], "included apart", "paper")
        _check(policy["option"] in [codes[j] for j in self.grades], "thresholds: option is no grade")
        self.threshold_option = codes.index(policy["option"])
        for name in ("reaches", "over"):
            fraction = _list(policy[name], 2, 2, name)
            den = _number(fraction[1], 1, 1000, name)
            _number(fraction[0], 1, den, name)

    def _rest(self):
        m = self.json
        tokens = _fields(m["tokens"], "leaves root", "tokens")
        self.leaves = _number(tokens["leaves"], 1, 4096, "leaves")
        self.token_root = _hex(tokens["root"], 32, "root")
        keys = _fields(m["keys"], "receipt log result", "keys")
        self.receipt_key, self.log_key, self.result_key = (
            _hex(keys[name], 32, name) for name in ("receipt", "log", "result"))
        release = _fields(m["release"], "kind n f", "release")
        _choice(release["kind"], "live close", "release")
        _number(release["n"], 5, 500, "n"), _number(release["f"], 5, 500, "f")
        page = _fields(m["page"], "script wasm", "page")
        _hex(page["script"], 32, "script"), _hex(page["wasm"], 32, "wasm")
        _check(m["issuers"] == ["self"] and m["witnesses"] == [] and m["cast_via"] == [], "issuers, witnesses, cast_via")
        _check(isinstance(m["quorum"], int) and m["quorum"] == 0, "quorum")

    def _check_keys(self):
        contests = self.contests.values()
        signing = [self.receipt_key, self.log_key, self.result_key]
        sealing = [self.E_0] + [c.E for c in contests]
        issuing = [c.K for c in contests]
        every = signing + sealing + issuing
        _check(len(set(every)) == len(every), "two keys are equal")
        _check(all(ristretto.decode_element(k) for k in issuing), "a K is no element")
        _check(all(ed25519.key_point(k) for k in signing), "a signing key breaks the rule of section 1")
        _check(all(_usable(e) for e in sealing), "an X25519 key gives a zero shared secret")

    def screen_code(self):
        return screen_code("manifest", self.M)


_usable_keys = {}


def _usable(public):
    if public not in _usable_keys:
        _usable_keys[public] = hpke.x25519_usable(public)
    return _usable_keys[public]
