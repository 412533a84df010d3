-- Found by age alone, and in the order in which they were written: a block range index costs next to nothing per row.
CREATE INDEX requests_age ON requests USING brin (create_time);
CREATE INDEX inbox_age ON inbox USING brin (handle_time);

-- Forgets old requests of all tenants. The service's role sees one tenant at a time, so this runs as the owner.
CREATE FUNCTION l2r_forget_requests(before timestamptz, at_most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    WITH gone AS (
        DELETE FROM requests
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM requests WHERE create_time < before LIMIT at_most))
        RETURNING 1
    )
    SELECT count(*)::integer FROM gone
$$;

CREATE FUNCTION l2r_forget_messages(before timestamptz, at_most integer) RETURNS integer
LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM inbox
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM inbox WHERE handle_time < before LIMIT at_most))
        RETURNING 1
    )
    SELECT count(*)::integer FROM gone
$$;
