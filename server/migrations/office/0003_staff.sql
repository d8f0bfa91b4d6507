-- Who may use the console. An account is never deleted: its acts stand in the logs of meetings.

-- `id` is random and stands behind the actors of a log. `sign_in` is kept as it is compared. Without a pass-phrase
-- (`hash` is NULL) an account waits for the one-time code of which `code` is the hash.
CREATE TABLE account (
    number      INTEGER PRIMARY KEY,
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    name        TEXT NOT NULL,
    sign_in     TEXT NOT NULL UNIQUE,
    role        TEXT NOT NULL CHECK (role IN ('office', 'chair', 'scrutineer', 'teller', 'auditor')),
    active      INTEGER NOT NULL CHECK (active IN (0, 1)),
    salt        BLOB CHECK (length(salt) = 16),
    hash        BLOB CHECK (length(hash) = 32),
    memory      INTEGER,
    passes      INTEGER,
    lanes       INTEGER,
    code        BLOB CHECK (length(code) = 32),
    code_until  INTEGER,
    CHECK ((salt IS NULL) = (hash IS NULL) AND (memory IS NULL) = (hash IS NULL)
           AND (passes IS NULL) = (hash IS NULL) AND (lanes IS NULL) = (hash IS NULL)),
    CHECK ((code IS NULL) = (code_until IS NULL))
) STRICT;

-- Two people on the screen must not look like one.
CREATE UNIQUE INDEX account_name ON account (name) WHERE active = 1;

-- Who changed which account, for everybody who watches the office. `by` is NULL for what was done on the machine
-- itself. No times: the order is enough.
CREATE TABLE account_change (
    number   INTEGER PRIMARY KEY,
    account  BLOB NOT NULL REFERENCES account (id),
    what     TEXT NOT NULL CHECK (what IN ('made', 'reset', 'closed', 'reopened')),
    by       BLOB REFERENCES account (id)
) STRICT;
