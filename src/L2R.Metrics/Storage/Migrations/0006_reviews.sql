-- What opens reviews. The condition never changes.
CREATE TABLE triggers (
    tenant_id     text        NOT NULL,
    trigger_id    uuid        NOT NULL,
    definition    jsonb       NOT NULL, -- what its maker says of it: l2r.metrics.v1.Trigger in proto3 JSON
    on_activation boolean     NOT NULL, -- fires when a policy is activated
    armed         boolean     NOT NULL,
    due_time      timestamptz,          -- when it is looked at next; null: not known, or never again
    period_start  timestamptz,          -- of the period or date to look at
    lease_time    timestamptz,          -- until then one replica works on it; a dead one loses it then
    create_time   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, trigger_id)
);
CREATE INDEX triggers_due ON triggers (due_time) WHERE due_time IS NOT NULL;
CALL l2r_isolate_tenants('triggers');

-- One row for each period, date or activation that a trigger looked at: who writes it opens the review, and nobody else.
CREATE TABLE trigger_evaluations (
    tenant_id      text        NOT NULL,
    trigger_id     uuid        NOT NULL,
    key            text        NOT NULL,
    evaluate_time  timestamptz NOT NULL,
    verdict        smallint    NOT NULL CHECK (verdict BETWEEN 0 AND 3), -- L2R.Metrics.Domain.Verdict
    reading        jsonb,                                                -- l2r.metrics.v1.MetricReading in proto3 JSON
    PRIMARY KEY (tenant_id, trigger_id, key)
);
CREATE INDEX trigger_evaluations_latest ON trigger_evaluations (tenant_id, trigger_id, evaluate_time DESC);
CALL l2r_isolate_tenants('trigger_evaluations');

CREATE TABLE reviews (
    tenant_id         text        NOT NULL,
    review_id         uuid        NOT NULL,
    trigger_id        uuid        NOT NULL, -- may be deleted since
    display_name      text        NOT NULL,
    owner             text        NOT NULL,
    previous_id       uuid,                 -- whose decision it looks at again
    open_time         timestamptz NOT NULL,
    due_date          date        NOT NULL,
    due_time          timestamptz NOT NULL, -- the first instant at which it is overdue
    agenda            jsonb       NOT NULL, -- l2r.metrics.v1.Review in proto3 JSON, with agenda alone
    decision          text,                 -- null while it is open, as what follows
    trade_off         text,
    next_review_date  date,
    close_time        timestamptz,
    closer            text,
    version           bigint      NOT NULL,
    PRIMARY KEY (tenant_id, review_id),
    CHECK (num_nulls(decision, trade_off, next_review_date, close_time, closer) IN (0, 5))
);
-- What fires while a review is open adds to it.
CREATE UNIQUE INDEX reviews_open ON reviews (tenant_id, trigger_id) WHERE close_time IS NULL;
CREATE INDEX reviews_by_due ON reviews (tenant_id, due_time, review_id);
CREATE INDEX reviews_decided ON reviews (tenant_id, close_time, review_id) WHERE close_time IS NOT NULL;
CALL l2r_isolate_tenants('reviews');

-- Versions of policies that began to decide, as their services told.
CREATE TABLE policy_activations (
    tenant_id     text        NOT NULL,
    event_id      uuid        NOT NULL,
    policy        text        NOT NULL, -- its resource name
    display_name  text        NOT NULL,
    reason        text        NOT NULL,
    actor         text        NOT NULL,
    event_time    timestamptz NOT NULL,
    hear_time     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);
CREATE INDEX policy_activations_in_time ON policy_activations (tenant_id, event_time, event_id);
CALL l2r_isolate_tenants('policy_activations');

-- Whose triggers are due. The service's role sees one tenant at a time, so this runs as the owner, and tells nothing but tenants.
CREATE FUNCTION l2r_tenants_with_due_triggers(now timestamptz) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT DISTINCT tenant_id FROM triggers WHERE due_time <= now AND (lease_time IS NULL OR lease_time <= now)
$$;
