-- Who is here, of the current meeting only. Everybody on the roster has his row from freezing on, and it is written over
-- in place: no row is added when somebody comes, and none changes its length, so that nothing tells an order of arrival.
-- No times. Nothing of slips, which are drawn.
--
-- `state`: a for absent, h for here, l for one who has left. `window`: one byte, 0 for whoever is absent; the number of
-- the enrolment window that is open or comes next, for whoever will count in it; 255 for whoever a closed window has
-- counted. Which one that was is forgotten: the bundle names the slips that each window took, and of a window with one
-- late-comer that is one slip.
CREATE TABLE presence (
    number  INTEGER PRIMARY KEY,
    state   TEXT NOT NULL CHECK (state IN ('a', 'h', 'l')),
    window  BLOB NOT NULL CHECK (length(window) = 1),
    CHECK ((state = 'a') = (window = x'00'))
) STRICT;

-- A meeting that was frozen before this was kept.
INSERT INTO presence (number, state, window)
    SELECT number, 'a', x'00' FROM attendee WHERE (SELECT current FROM desk) IS NOT NULL ORDER BY number;
