-- What Intake says of leads after they came in, each version once, for the dimensions that are as known now. Append-only.
-- The first version isn't here: the row that opens the journey says the same.
CREATE TABLE lead_versions (
    tenant_id    text        NOT NULL,
    lead_id      uuid        NOT NULL,
    version      bigint      NOT NULL,
    segment      text,                 -- null means unknown
    region       text,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, version)
);
CALL l2r_isolate_tenants('lead_versions');

DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON lead_versions FROM %I', current_database() || '_app');
END
$$;
