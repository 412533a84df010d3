-- The versions of each tenant's policy. Version 1 is the default that ships, stored when it is first needed.
CREATE TABLE scoring_policies (
    tenant_id      text        NOT NULL,
    version        integer     NOT NULL CHECK (version >= 1),
    policy_id      uuid        NOT NULL,
    state          smallint    NOT NULL CHECK (state BETWEEN 0 AND 2), -- L2R.Scoring.Domain.PolicyState
    definition     jsonb       NOT NULL, -- header, threshold and rules as l2r.scoring.v1.ScoringPolicy in proto3 JSON; never updated
    create_time    timestamptz NOT NULL,
    activate_time  timestamptz,
    retire_time    timestamptz,
    revision       bigint      NOT NULL,
    PRIMARY KEY (tenant_id, version),
    UNIQUE (tenant_id, policy_id)
);
CREATE UNIQUE INDEX scoring_policies_active ON scoring_policies (tenant_id) WHERE state = 1;
CREATE INDEX scoring_policies_newest ON scoring_policies (tenant_id, create_time DESC, policy_id DESC);
CALL l2r_isolate_tenants('scoring_policies');

-- A lead as far as scoring needs it. Nothing personal. Whoever scores a journey of the lead locks this row first.
CREATE TABLE leads (
    tenant_id       text    NOT NULL,
    lead_id         uuid    NOT NULL,
    version         bigint  NOT NULL, -- of the attributes; 0: not heard yet
    channel         text    NOT NULL,
    source          text    NOT NULL,
    campaign        text    NOT NULL,
    segment         text    NOT NULL,
    region_code     text    NOT NULL,
    industry        text    NOT NULL,
    employee_count  integer NOT NULL,
    job_level       text    NOT NULL,
    product         text    NOT NULL,
    PRIMARY KEY (tenant_id, lead_id)
);
CALL l2r_isolate_tenants('leads');

-- Where each journey stands, and its score.
CREATE TABLE journeys (
    tenant_id       text        NOT NULL,
    journey_id      uuid        NOT NULL,
    lead_id         uuid        NOT NULL,
    stage           smallint    NOT NULL CHECK (stage BETWEEN 0 AND 9), -- L2R.Ledger.Domain.Stage
    stage_time      timestamptz NOT NULL,
    stage_seq       bigint      NOT NULL,
    motion          text        NOT NULL,
    imported        boolean     NOT NULL, -- history: never scored, never moved live
    create_time     timestamptz NOT NULL,
    policy_version  integer,              -- that made the score; null: not scored yet
    threshold       integer,
    points          integer,
    score_time      timestamptz,
    qualify_time    timestamptz,          -- when the score made it an MQL
    PRIMARY KEY (tenant_id, journey_id)
);
CREATE INDEX journeys_of_lead ON journeys (tenant_id, lead_id, create_time DESC, journey_id DESC);
CREATE INDEX journeys_scored ON journeys (tenant_id, create_time DESC, journey_id DESC) WHERE policy_version IS NOT NULL;
CALL l2r_isolate_tenants('journeys');

-- Touches of engagement. They may come before the journey itself.
CREATE TABLE touches (
    tenant_id      text        NOT NULL,
    journey_id     uuid        NOT NULL,
    touchpoint_id  uuid        NOT NULL,
    kind           text        NOT NULL,
    occur_time     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, journey_id, touchpoint_id)
);
CALL l2r_isolate_tenants('touches');

-- What each rule gave. Those of earlier versions of the policy stay as they were.
CREATE TABLE contributions (
    tenant_id       text     NOT NULL,
    journey_id      uuid     NOT NULL,
    policy_version  integer  NOT NULL,
    rule            text     NOT NULL,
    position        smallint NOT NULL, -- in the order of the policy
    points          integer  NOT NULL,
    matched         text     NOT NULL,
    PRIMARY KEY (tenant_id, journey_id, policy_version, rule)
);
CALL l2r_isolate_tenants('contributions');
