-- The office: what it prepares, and which meeting is current. No token, no ballot, nothing of a single voter's.

-- One row.
CREATE TABLE desk (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    settings  TEXT,
    current   BLOB
) STRICT;
INSERT INTO desk (id) VALUES (1);

CREATE TABLE attendee (
    number    INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    category  TEXT NOT NULL,
    unit      TEXT NOT NULL,
    post      TEXT NOT NULL
) STRICT;

-- `attendee` is NULL for one who does not attend.
CREATE TABLE official (
    number    INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    post      TEXT NOT NULL,
    report    TEXT NOT NULL CHECK (report IN ('oral', 'written')),
    attendee  INTEGER REFERENCES attendee (number)
) STRICT;

-- `manifest` is NULL while a meeting is being frozen; one found so after a restart is given up, for its slips are gone.
CREATE TABLE meeting (
    meeting   BLOB PRIMARY KEY CHECK (length(meeting) = 16),
    manifest  BLOB,
    drill     INTEGER NOT NULL,
    status    TEXT NOT NULL CHECK (status IN ('freezing', 'frozen', 'archived', 'dropped'))
) STRICT;

-- Who stands behind the ids in the log.
CREATE TABLE actor (
    meeting   BLOB NOT NULL REFERENCES meeting (meeting),
    id        BLOB NOT NULL CHECK (length(id) = 16),
    role      TEXT NOT NULL,
    account   TEXT NOT NULL,
    PRIMARY KEY (meeting, id, role)
) STRICT, WITHOUT ROWID;
