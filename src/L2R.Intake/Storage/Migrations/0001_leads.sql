-- A lead and the journey that is open, or else its last one. Nothing personal.
CREATE TABLE leads (
    tenant_id       text        NOT NULL,
    lead_id         uuid        NOT NULL,
    external_id     text,                       -- null: none
    channel         text        NOT NULL,
    source          text        NOT NULL,
    campaign        text        NOT NULL,
    segment         text        NOT NULL,
    region_code     text        NOT NULL,
    industry        text        NOT NULL,
    employee_count  integer     NOT NULL CHECK (employee_count >= 0),
    job_level       text        NOT NULL,
    product         text        NOT NULL,
    journey_id      uuid        NOT NULL,
    stage           smallint    NOT NULL CHECK (stage BETWEEN 0 AND 9), -- L2R.Ledger.Domain.Stage
    stage_time      timestamptz NOT NULL,
    stage_seq       bigint      NOT NULL,
    imported        boolean     NOT NULL,       -- the journey is history: nobody moves it live
    create_time     timestamptz NOT NULL,
    update_time     timestamptz NOT NULL,
    version         bigint      NOT NULL,
    PRIMARY KEY (tenant_id, lead_id)
);
CREATE UNIQUE INDEX leads_external_id ON leads (tenant_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX leads_newest ON leads (tenant_id, create_time DESC, lead_id DESC);
CALL l2r_isolate_tenants('leads');

-- All personal data of this service. Anonymising deletes the row.
CREATE TABLE people (
    tenant_id    text NOT NULL,
    lead_id      uuid NOT NULL,
    email        text,          -- normalised: trimmed, lower-case
    given_name   text NOT NULL,
    family_name  text NOT NULL,
    phone        text NOT NULL,
    company      text NOT NULL,
    PRIMARY KEY (tenant_id, lead_id)
);
CREATE UNIQUE INDEX people_email ON people (tenant_id, email) WHERE email IS NOT NULL;
CALL l2r_isolate_tenants('people');

CREATE TABLE touchpoints (
    tenant_id      text        NOT NULL,
    touchpoint_id  uuid        NOT NULL,
    lead_id        uuid        NOT NULL,
    kind           text        NOT NULL,
    occur_time     timestamptz NOT NULL,
    channel        text        NOT NULL,
    campaign       text        NOT NULL,
    engagement     boolean     NOT NULL,
    PRIMARY KEY (tenant_id, touchpoint_id)
);
CREATE INDEX touchpoints_of_lead ON touchpoints (tenant_id, lead_id, occur_time);
CALL l2r_isolate_tenants('touchpoints');
