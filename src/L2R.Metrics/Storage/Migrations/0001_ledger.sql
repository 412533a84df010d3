-- The ledger: append-only. Nothing here is personal.
CREATE TABLE transitions (
    tenant_id       text        NOT NULL,
    transition_id   uuid        NOT NULL,
    lead_id         uuid        NOT NULL,
    journey_id      uuid        NOT NULL,
    opportunity_id  uuid,
    from_stage      smallint    CHECK (from_stage BETWEEN 0 AND 9), -- L2R.Ledger.Domain.Stage; null: none
    to_stage        smallint    CHECK (to_stage BETWEEN 0 AND 9),   -- null withdraws what the row supersedes
    occurred_at     timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    source_seq      bigint      NOT NULL,
    origin          smallint    NOT NULL CHECK (origin IN (0, 1)),  -- live, import
    actor           text        NOT NULL,
    reason          text        NOT NULL,
    policy_version  text,
    score           double precision,
    amount          numeric,
    currency        text,
    supersedes      uuid,
    channel         text,                                           -- of dimensions null means unknown
    source          text,
    campaign        text,
    segment         text,
    region          text,
    owner           text,
    team            text,
    product         text,
    motion          text,
    PRIMARY KEY (tenant_id, transition_id),
    CHECK (to_stage IS NOT NULL OR supersedes IS NOT NULL),
    CHECK ((amount IS NULL) = (currency IS NULL))
);
CREATE INDEX transitions_of_lead ON transitions (tenant_id, lead_id);
CREATE INDEX transitions_of_journey ON transitions (tenant_id, journey_id);
CALL l2r_isolate_tenants('transitions');

-- Nothing is updated or deleted: a correction is a row that supersedes.
DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON transitions FROM %I', current_database() || '_app');
END
$$;

-- When the ledger last learnt something, for each tenant. The lock on this row puts commits in the order of their instants:
-- who reads it FOR SHARE has waited for every append with an earlier one.
CREATE TABLE ledger_clocks (
    tenant_id    text        NOT NULL PRIMARY KEY,
    recorded_at  timestamptz NOT NULL
);
CALL l2r_isolate_tenants('ledger_clocks');

CREATE TABLE settings (
    tenant_id           text        NOT NULL PRIMARY KEY,
    time_zone           text        NOT NULL,
    currency_code       text        NOT NULL,
    fiscal_start_month  smallint    NOT NULL CHECK (fiscal_start_month BETWEEN 1 AND 12),
    update_time         timestamptz NOT NULL,
    version             bigint      NOT NULL
);
CALL l2r_isolate_tenants('settings');
