-- What a touch cost, and which one it corrects. Which of two counts at K is decided by when the ledger learnt of the later one.
ALTER TABLE touchpoints
    ADD COLUMN cost numeric CHECK (cost >= 0),
    ADD COLUMN currency text,
    ADD COLUMN supersedes uuid,
    ADD CONSTRAINT touchpoints_cost_currency CHECK ((cost IS NULL) = (currency IS NULL));
CREATE INDEX touchpoints_superseding ON touchpoints (tenant_id, supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX touchpoints_with_cost ON touchpoints (tenant_id, occurred_at) WHERE cost IS NOT NULL;

-- Cost that no single touch carries: every version of each spend, the newest that was recorded by K counts at K. Append-only.
CREATE TABLE spends (
    tenant_id    text        NOT NULL,
    spend_id     uuid        NOT NULL,
    version      bigint      NOT NULL,
    recorded_at  timestamptz NOT NULL,
    deleted      boolean     NOT NULL,
    channel      text,                 -- null: of no one channel
    campaign     text,
    first_date   date        NOT NULL, -- in the tenant's reporting zone
    last_date    date        NOT NULL,
    cost         numeric     NOT NULL CHECK (cost >= 0),
    currency     text        NOT NULL,
    create_time  timestamptz NOT NULL,
    update_time  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, spend_id, version),
    CHECK (num_nonnulls(channel, campaign) > 0),
    CHECK (last_date >= first_date)
);
CALL l2r_isolate_tenants('spends');

DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON spends FROM %I', current_database() || '_app');
END
$$;
