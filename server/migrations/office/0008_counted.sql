-- Papers that two people have counted alike and that are not published yet. `sealed` is the entry of the log, which gets it
-- right before the publication and not earlier; its key lies with the meeting's keys and dies with the publication or the
-- void, so that no copy of this file tells anything. `publishers`: once its publication has begun, who publishes it;
-- whatever a crash leaves is finished as theirs.
--
-- The table before it had the entry in the clear. What stood there is counted once more.
DROP TABLE paper;
CREATE TABLE counted (
    meeting     BLOB NOT NULL REFERENCES meeting (meeting),
    item        INTEGER NOT NULL,
    round       INTEGER NOT NULL,
    sealed      BLOB NOT NULL,
    publishers  BLOB,
    PRIMARY KEY (meeting, item, round)
) STRICT, WITHOUT ROWID;
