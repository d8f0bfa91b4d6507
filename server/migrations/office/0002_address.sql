-- What is printed on a meeting's slips: name or address, port, and the port that this machine listened on then. All
-- three are NULL for a meeting that was frozen before this was kept.
ALTER TABLE meeting ADD COLUMN host TEXT;
ALTER TABLE meeting ADD COLUMN port INTEGER CHECK (port BETWEEN 1 AND 65535);
ALTER TABLE meeting ADD COLUMN listened INTEGER CHECK (listened BETWEEN 1 AND 65535);
