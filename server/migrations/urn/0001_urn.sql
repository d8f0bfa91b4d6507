-- Where each contest stands, and its board once it is closed. No time, no number of casts while it is open, and
-- nothing per ballot: a row of its own for each ballot would tell the order in which they came.

CREATE TABLE contest (
    meeting       BLOB NOT NULL CHECK (length(meeting) = 16),
    item          INTEGER NOT NULL,
    round         INTEGER NOT NULL,
    phase         TEXT NOT NULL CHECK (phase IN
                  ('open', 'closing', 'closed', 'published', 'withheld', 'voided', 'destroying', 'destroyed')),
    window        INTEGER NOT NULL,
    issued        INTEGER NOT NULL,
    live          INTEGER NOT NULL CHECK (live IN (0, 1)),
    -- Who acted, role(1) || id(16) for each; kept so that a restart writes the same log entry.
    opened_by     BLOB NOT NULL,
    closed_by     BLOB,
    published_by  BLOB,
    voided_by     BLOB,
    -- The file was rebuilt after the last thing that was erased from it.
    rebuilt       INTEGER NOT NULL DEFAULT 0 CHECK (rebuilt IN (0, 1)),
    PRIMARY KEY (meeting, item, round)
) STRICT, WITHOUT ROWID;

-- Written once, in one transaction with phase 'closed'. `tally` is never written for 1 to 4 ballots, and erased when
-- a round is voided before publication.
CREATE TABLE board (
    meeting     BLOB NOT NULL,
    item        INTEGER NOT NULL,
    round       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    root        BLOB NOT NULL CHECK (length(root) = 32),
    checkpoint  BLOB NOT NULL,
    entries     BLOB NOT NULL,
    proofs      BLOB NOT NULL,
    tally       BLOB,
    PRIMARY KEY (meeting, item, round),
    FOREIGN KEY (meeting, item, round) REFERENCES contest (meeting, item, round)
) STRICT, WITHOUT ROWID;
