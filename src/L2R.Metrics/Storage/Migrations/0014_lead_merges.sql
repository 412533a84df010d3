-- Which leads are one person, and which are not after all: a merge and its undo are a row each. Append-only.
CREATE TABLE lead_merges (
    tenant_id    text        NOT NULL,
    merge_id     uuid        NOT NULL,
    is_undo      boolean     NOT NULL,
    loser_id     uuid        NOT NULL,
    survivor_id  uuid        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, merge_id, is_undo),
    CHECK (loser_id <> survivor_id)
);
CREATE INDEX lead_merges_of_loser ON lead_merges (loser_id);
CREATE INDEX lead_merges_of_survivor ON lead_merges (survivor_id);
CREATE INDEX lead_merges_by_recorded_at ON lead_merges USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);
CALL l2r_isolate_tenants('lead_merges');

DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON lead_merges FROM %I', current_database() || '_app');
END
$$;
