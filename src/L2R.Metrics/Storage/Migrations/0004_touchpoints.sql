-- The touches of leads, as Intake tells of them. Append-only. Nothing here is personal.
CREATE TABLE touchpoints (
    tenant_id      text        NOT NULL,
    touchpoint_id  uuid        NOT NULL,
    lead_id        uuid        NOT NULL,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    channel        text,                 -- null means unknown
    campaign       text,
    PRIMARY KEY (tenant_id, touchpoint_id)
);
CALL l2r_isolate_tenants('touchpoints');

DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON touchpoints FROM %I', current_database() || '_app');
END
$$;
