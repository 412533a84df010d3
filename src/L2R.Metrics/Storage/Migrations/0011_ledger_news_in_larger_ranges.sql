-- Every question asks what is new, and looks at each range to learn that it is not there: with 32 pages each, 45 ms in a ledger of 17 million
-- rows. With 256 that is an eighth, and the last range, which is never summarised, still has only some thousand rows.
DROP INDEX transitions_by_recorded_at;
DROP INDEX lead_versions_by_recorded_at;
CREATE INDEX transitions_by_recorded_at ON transitions USING brin (recorded_at) WITH (pages_per_range = 256, autosummarize = on);
CREATE INDEX lead_versions_by_recorded_at ON lead_versions USING brin (recorded_at) WITH (pages_per_range = 256, autosummarize = on);
