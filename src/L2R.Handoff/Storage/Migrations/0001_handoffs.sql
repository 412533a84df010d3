-- A journey that Handoff has heard of, and what sales did with it. Nothing personal.
CREATE TABLE handoffs (
    tenant_id      text        NOT NULL,
    journey_id     uuid        NOT NULL,
    lead_id        uuid        NOT NULL,
    stage          smallint    NOT NULL CHECK (stage BETWEEN 0 AND 9), -- L2R.Ledger.Domain.Stage
    stage_time     timestamptz NOT NULL,
    stage_seq      bigint      NOT NULL,
    channel        text        NOT NULL,
    source         text        NOT NULL,
    campaign       text        NOT NULL,
    segment        text        NOT NULL,
    region         text        NOT NULL,
    product        text        NOT NULL,
    motion         text        NOT NULL,
    rep_id         uuid,                       -- null: nobody's
    queue_time     timestamptz,                -- null: it has not come to sales
    assign_time    timestamptz,
    accept_time    timestamptz,
    qualify_time   timestamptz,
    qualification  jsonb,                      -- L2R.Handoff.Domain.Qualification
    imported       boolean     NOT NULL,       -- history: nobody moves it live
    version        bigint      NOT NULL,
    PRIMARY KEY (tenant_id, journey_id)
);
CREATE INDEX handoffs_of_lead ON handoffs (tenant_id, lead_id);
CREATE INDEX handoffs_oldest ON handoffs (tenant_id, queue_time, journey_id) WHERE queue_time IS NOT NULL;
CREATE INDEX handoffs_of_stage ON handoffs (tenant_id, stage, queue_time, journey_id) WHERE queue_time IS NOT NULL;
CREATE INDEX handoffs_of_rep ON handoffs (tenant_id, rep_id, queue_time, journey_id) WHERE rep_id IS NOT NULL;
CREATE INDEX handoffs_waiting ON handoffs (tenant_id, queue_time, journey_id) WHERE stage = 1 AND rep_id IS NULL AND NOT imported;
CALL l2r_isolate_tenants('handoffs');

CREATE TABLE reps (
    tenant_id    text        NOT NULL,
    rep_id       uuid        NOT NULL,
    subject      text,                         -- the sub of their token; null: none
    team         text        NOT NULL,
    active       boolean     NOT NULL,
    create_time  timestamptz NOT NULL,
    update_time  timestamptz NOT NULL,
    version      bigint      NOT NULL,
    PRIMARY KEY (tenant_id, rep_id)
);
CREATE UNIQUE INDEX reps_subject ON reps (tenant_id, subject) WHERE subject IS NOT NULL;
CREATE INDEX reps_oldest ON reps (tenant_id, create_time, rep_id);
CALL l2r_isolate_tenants('reps');

-- All personal data of this service.
CREATE TABLE rep_names (
    tenant_id     text NOT NULL,
    rep_id        uuid NOT NULL,
    display_name  text NOT NULL,
    PRIMARY KEY (tenant_id, rep_id)
);
CALL l2r_isolate_tenants('rep_names');

-- Whose turn was last. Whoever assigns holds this row until the commit, so no turn is given twice.
CREATE TABLE routing_cursors (
    tenant_id    text   NOT NULL PRIMARY KEY,
    last_rep_id  uuid,                         -- null before the first turn
    turn_count   bigint NOT NULL
);
CALL l2r_isolate_tenants('routing_cursors');

-- The rows of history in force, from which an imported handoff is derived again when one is corrected or withdrawn.
CREATE TABLE imported_stages (
    tenant_id   text        NOT NULL,
    journey_id  uuid        NOT NULL,
    key_id      uuid        NOT NULL,
    stage       smallint    NOT NULL,
    occur_time  timestamptz NOT NULL,
    source_seq  bigint      NOT NULL,
    PRIMARY KEY (tenant_id, journey_id, key_id)
);
CALL l2r_isolate_tenants('imported_stages');
