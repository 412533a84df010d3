-- The tenant of the transaction. Row-level security policies call it, so a query that forgot to say whose rows it
-- wants is an error, never an empty result. (A setting that was once set in a session reads as '' afterwards, not as null.)
CREATE FUNCTION l2r_tenant() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    tenant text := current_setting('l2r.tenant_id', true);
BEGIN
    IF tenant IS NULL OR tenant = '' THEN
        RAISE EXCEPTION 'l2r.tenant_id is not set in this transaction' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN tenant;
END
$$;

-- Puts a table under row-level security: every statement sees and writes the rows of its own tenant alone.
CREATE PROCEDURE l2r_isolate_tenants(relation regclass)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    -- (SELECT …) makes it an init plan: evaluated once a statement, not once a row.
    EXECUTE format('CREATE POLICY tenant_isolation ON %s USING (tenant_id = (SELECT l2r_tenant())) WITH CHECK (tenant_id = (SELECT l2r_tenant()))', relation);
END
$$;

-- Successful requests, remembered for 7 days: a retry finds its answer here.
CREATE TABLE requests (
    tenant_id    text        NOT NULL,
    request_id   uuid        NOT NULL,
    fingerprint  bytea       NOT NULL,
    resource_id  uuid        NOT NULL,
    outcome      text        NOT NULL, -- what the answer said beside the resource; mostly nothing
    create_time  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, request_id)
);
CALL l2r_isolate_tenants('requests');
