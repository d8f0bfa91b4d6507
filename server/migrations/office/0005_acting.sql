-- Who does the act that changes the roll now, in the order in which the log names them. A crash between roll and log
-- leaves the act without its entry; the next start writes it with these.
CREATE TABLE acting (
    meeting BLOB NOT NULL REFERENCES meeting (meeting),
    place   INTEGER NOT NULL,
    role    TEXT NOT NULL,
    id      BLOB NOT NULL CHECK (length(id) = 16),
    PRIMARY KEY (meeting, place)
) STRICT, WITHOUT ROWID;
