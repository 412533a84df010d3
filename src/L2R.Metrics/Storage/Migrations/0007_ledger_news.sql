-- Which leads changed since an instant: rows are appended in the order of recorded_at, so a few bytes for every 32 pages tell where to look.
CREATE INDEX transitions_by_recorded_at ON transitions USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX lead_versions_by_recorded_at ON lead_versions USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);
