-- What pairs of stages should do, from when on. Which one is in force is L2R.Metrics.Domain.Targets'.
CREATE TABLE targets (
    tenant_id        text        NOT NULL,
    target_id        uuid        NOT NULL,
    from_stage       smallint    NOT NULL CHECK (from_stage BETWEEN 0 AND 5), -- L2R.Ledger.Domain.Stage
    to_stage         smallint    NOT NULL CHECK (to_stage BETWEEN 0 AND 5),
    dimension        text,                 -- null: all journeys
    dimension_value  text,
    reach_count      bigint,               -- a goal of volume, with period: L2R.Metrics.Domain.PeriodKind
    period           smallint,
    ratio            double precision,     -- of conversion, with horizon
    median           interval,             -- of velocity, with horizon
    horizon          interval,
    effective_start  timestamptz NOT NULL,
    effective_end    timestamptz,          -- null: until the next one
    create_time      timestamptz NOT NULL,
    update_time      timestamptz NOT NULL,
    version          bigint      NOT NULL,
    PRIMARY KEY (tenant_id, target_id),
    CHECK ((dimension IS NULL) = (dimension_value IS NULL)),
    CHECK (num_nonnulls(reach_count, ratio, median) = 1),
    CHECK ((reach_count IS NULL) = (period IS NULL)),
    CHECK ((reach_count IS NULL) = (horizon IS NOT NULL)),
    CHECK (effective_end > effective_start)
);
CALL l2r_isolate_tenants('targets');
