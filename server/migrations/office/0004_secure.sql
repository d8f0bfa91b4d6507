-- Whether the slips lead to https: with a certificate that phones trust.
ALTER TABLE meeting ADD COLUMN secure INTEGER NOT NULL DEFAULT 0 CHECK (secure IN (0, 1));
