ALTER TABLE touchpoints
    ADD COLUMN cost numeric CHECK (cost >= 0),
    ADD COLUMN currency text,
    ADD CONSTRAINT touchpoints_cost_currency CHECK ((cost IS NULL) = (currency IS NULL));

-- The past touches that were taken in: the same row again is unchanged, another under its key is a conflict. What they say is with Metrics; here
-- nobody decides by them, so that a touch of the past never opens a journey.
CREATE TABLE imported_touchpoints (
    tenant_id      text NOT NULL,
    key_id         uuid NOT NULL, -- UUIDv8 of tenant, source, source_key, source_seq
    touchpoint_id  uuid NOT NULL, -- the touch that is in force for the key
    content        uuid NOT NULL, -- the first half of the SHA-256 of what the row says
    PRIMARY KEY (tenant_id, key_id)
);
CALL l2r_isolate_tenants('imported_touchpoints');
