-- Where each journey stands, as far as the service has heard or has moved it itself. Live ones only.
CREATE TABLE journeys (
    tenant_id   text        NOT NULL,
    journey_id  uuid        NOT NULL,
    lead_id     uuid        NOT NULL,
    stage       smallint    NOT NULL CHECK (stage BETWEEN 0 AND 9), -- L2R.Ledger.Domain.Stage
    stage_time  timestamptz NOT NULL,
    stage_seq   bigint      NOT NULL,
    PRIMARY KEY (tenant_id, journey_id)
);
CALL l2r_isolate_tenants('journeys');

CREATE TABLE opportunities (
    tenant_id            text        NOT NULL,
    opportunity_id       uuid        NOT NULL,
    journey_id           uuid        NOT NULL,
    lead_id              uuid        NOT NULL,
    display_name         text        NOT NULL,
    stage                text        NOT NULL,   -- of the pipeline; '' on imported ones
    amount               numeric,                -- in currency_code; null while unknown
    currency_code        text,                   -- ISO 4217
    expected_close_date  date,
    owner                text        NOT NULL,
    product              text        NOT NULL,
    state                text        NOT NULL CHECK (state IN ('Open', 'Won', 'Lost', 'Superseded')),
    open_time            timestamptz NOT NULL,
    close_time           timestamptz,
    close_reason         text        NOT NULL,
    imported             boolean     NOT NULL,   -- history: nobody changes it live
    create_time          timestamptz NOT NULL,
    update_time          timestamptz NOT NULL,
    version              bigint      NOT NULL,
    PRIMARY KEY (tenant_id, opportunity_id),
    CHECK (amount IS NULL OR currency_code IS NOT NULL),
    CHECK ((close_time IS NULL) = (state = 'Open'))
);
CREATE INDEX opportunities_newest ON opportunities (tenant_id, create_time DESC, opportunity_id DESC);
CREATE INDEX opportunities_of_journey ON opportunities (tenant_id, journey_id);
CALL l2r_isolate_tenants('opportunities');

-- The journeys whose opportunities are history. A batch locks its journeys here before it reads their rows.
CREATE TABLE imported_journeys (
    tenant_id    text   NOT NULL,
    journey_id   uuid   NOT NULL,
    batch_count  bigint NOT NULL,
    PRIMARY KEY (tenant_id, journey_id)
);
CALL l2r_isolate_tenants('imported_journeys');

-- The rows of history in force. The imported opportunities of a journey are made from all of its rows, again with each batch.
CREATE TABLE imported_deal_rows (
    tenant_id       text        NOT NULL,
    key_id          uuid        NOT NULL,
    journey_id      uuid        NOT NULL,
    lead_id         uuid        NOT NULL,
    opportunity_id  uuid,                   -- null where the source named none
    stage           smallint    NOT NULL CHECK (stage IN (4, 5, 9)), -- OPPORTUNITY, CLOSED_WON, CLOSED_LOST
    occur_time      timestamptz NOT NULL,
    source_seq      bigint      NOT NULL,
    amount          numeric,
    currency_code   text,
    reason          text        NOT NULL,
    owner           text        NOT NULL,
    product         text        NOT NULL,
    PRIMARY KEY (tenant_id, key_id)
);
CREATE INDEX imported_deal_rows_of_journey ON imported_deal_rows (tenant_id, journey_id);
CALL l2r_isolate_tenants('imported_deal_rows');
