-- The rows of history that this service took in: the same row again is unchanged, another under its key is a conflict.
CREATE TABLE imported_transitions (
    tenant_id      text   NOT NULL,
    key_id         uuid   NOT NULL, -- UUIDv8 of tenant, source, source_key, source_seq
    transition_id  uuid   NOT NULL, -- the row of the ledger that is in force for the key
    content        uuid   NOT NULL, -- the first half of the SHA-256 of what the row says
    PRIMARY KEY (tenant_id, key_id)
);
CALL l2r_isolate_tenants('imported_transitions');
