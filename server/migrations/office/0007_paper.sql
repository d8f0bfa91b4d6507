-- Papers that two people have counted alike and that are not published yet: the entry of the log, which gets it right
-- before the publication and not earlier. A round that is voided takes its row along. No copy of this file holds any.
--
-- `publishing`: its publication has begun, and whatever a crash leaves of it is finished.
CREATE TABLE paper (
    meeting     BLOB NOT NULL REFERENCES meeting (meeting),
    item        INTEGER NOT NULL,
    round       INTEGER NOT NULL,
    entry       BLOB NOT NULL,
    publishing  INTEGER NOT NULL DEFAULT 0 CHECK (publishing IN (0, 1)),
    PRIMARY KEY (meeting, item, round)
) STRICT, WITHOUT ROWID;
