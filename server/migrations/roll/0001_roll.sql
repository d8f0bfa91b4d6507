-- Who may vote. Keyed by T throughout and without rowid: a row says nothing about when it came.
-- Neither a time nor an address stands here, nor anything that a ballot carries.

-- One row. `generation` counts every durable change; its twin is in roll.highwater.
CREATE TABLE state (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    generation  INTEGER NOT NULL,
    current     BLOB
) STRICT;
INSERT INTO state (id, generation, current) VALUES (1, 0, NULL);

CREATE TABLE meeting (
    m         BLOB PRIMARY KEY CHECK (length(m) = 32),
    manifest  BLOB NOT NULL,
    ended     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE leaf (
    m     BLOB NOT NULL REFERENCES meeting (m),
    t     BLOB NOT NULL CHECK (length(t) = 32),
    mask  BLOB NOT NULL,
    PRIMARY KEY (m, t)
) STRICT, WITHOUT ROWID;

CREATE TABLE redeemed (
    m             BLOB NOT NULL,
    t             BLOB NOT NULL,
    request_hash  BLOB NOT NULL CHECK (length(request_hash) = 32),
    sig           BLOB NOT NULL CHECK (length(sig) = 64),
    window        INTEGER NOT NULL,
    PRIMARY KEY (m, t),
    FOREIGN KEY (m, t) REFERENCES leaf (m, t)
) STRICT, WITHOUT ROWID;

CREATE TABLE voided (
    m       BLOB NOT NULL,
    t       BLOB NOT NULL,
    reason  INTEGER NOT NULL,
    window  INTEGER NOT NULL,
    PRIMARY KEY (m, t),
    FOREIGN KEY (m, t) REFERENCES leaf (m, t)
) STRICT, WITHOUT ROWID;

-- `present`, `redeemed` and `root` are NULL while the window is open.
CREATE TABLE enrolment_window (
    m         BLOB NOT NULL REFERENCES meeting (m),
    number    INTEGER NOT NULL,
    present   INTEGER,
    redeemed  INTEGER,
    root      BLOB,
    PRIMARY KEY (m, number)
) STRICT, WITHOUT ROWID;
