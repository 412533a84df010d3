-- The journeys of large tenants as a process had them in memory (docs/adr/0016), so that a start reads them instead of the whole ledger.
-- Nothing is lost with it: unlogged, it costs no write-ahead log, and is empty after a crash of the server.
CREATE UNLOGGED TABLE ledger_snapshots (
    tenant_id text        NOT NULL,
    part      integer     NOT NULL,     -- 0: the values of dimensions; from 1 on the chunks
    parts     integer     NOT NULL,     -- how many there are
    build     text        NOT NULL,     -- which build of the service wrote it: no other one reads it
    known_at  timestamptz NOT NULL,     -- everything recorded up to here is in it
    content   bytea       NOT NULL,
    PRIMARY KEY (tenant_id, part)
);
ALTER TABLE ledger_snapshots ALTER COLUMN content SET STORAGE EXTERNAL;
CALL l2r_isolate_tenants('ledger_snapshots');
