-- The record of a review. Nothing of a ballot, a slip or a credential ever comes here.

-- What is so now: one JSON text a document. `salt` keeps the digest in the trail from telling what an erased text was.
CREATE TABLE document (
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    salt     BLOB NOT NULL CHECK (length(salt) = 16),
    body     TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- What was done: append-only, each entry bound to the one before by `hash`. `what` (why, and each field before and after)
-- and its salt can be erased after the time that the policy sets; `what_hash` stays.
CREATE TABLE entry (
    number      INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    who         TEXT NOT NULL,
    role        TEXT NOT NULL,
    act         TEXT NOT NULL,
    kind        TEXT NOT NULL,
    id          TEXT NOT NULL,
    version     INTEGER NOT NULL,
    state_hash  BLOB NOT NULL CHECK (length(state_hash) = 32),
    what_salt   BLOB CHECK (what_salt IS NULL OR length(what_salt) = 16),
    what        TEXT,
    what_hash   BLOB NOT NULL CHECK (length(what_hash) = 32),
    hash        BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
