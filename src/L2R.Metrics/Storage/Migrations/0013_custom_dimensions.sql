-- A tenant's own dimensions: their values in the rows that bring them, null where a row has none.
ALTER TABLE transitions ADD COLUMN custom jsonb;
ALTER TABLE lead_versions ADD COLUMN custom jsonb;

-- Those that the tenant declared: {"name": kind}, kind as L2R.Metrics.Domain.DimensionKind.
ALTER TABLE settings ADD COLUMN custom_dimensions jsonb NOT NULL DEFAULT '{}';

-- The names that occur in its ledger, so that a question need not look for them there.
CREATE TABLE custom_dimension_names (
    tenant_id text NOT NULL,
    name      text NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CALL l2r_isolate_tenants('custom_dimension_names');

-- For BI tools: what a row says, and what holds for a journey now, one row for each name.
CREATE OR REPLACE VIEW reporting.transitions WITH (security_barrier) AS
SELECT
    t.transition_id, t.lead_id, t.journey_id,
    row_number() OVER (
        PARTITION BY t.lead_id, t.journey_id
        ORDER BY t.occurred_at, t.source_seq, least(t.to_stage, 6), t.transition_id)::integer AS position,
    t.opportunity_id,
    (ARRAY['LEAD', 'MQL', 'SAL', 'SQL', 'OPPORTUNITY', 'CLOSED_WON', 'DISQUALIFIED', 'REJECTED', 'RECYCLED', 'CLOSED_LOST'])[t.from_stage + 1] AS from_stage,
    (ARRAY['LEAD', 'MQL', 'SAL', 'SQL', 'OPPORTUNITY', 'CLOSED_WON', 'DISQUALIFIED', 'REJECTED', 'RECYCLED', 'CLOSED_LOST'])[t.to_stage + 1] AS to_stage,
    t.to_stage::integer AS to_number,
    t.occurred_at, t.recorded_at, t.source_seq,
    CASE t.origin WHEN 1 THEN 'IMPORT' ELSE 'LIVE' END AS origin,
    t.actor, t.reason, t.policy_version, t.score, t.amount, t.currency, t.supersedes,
    t.channel, t.source, t.campaign, t.motion, t.segment, t.region, t.owner, t.team, t.product,
    t.custom
FROM public.transitions t
WHERE t.tenant_id = (SELECT reporting.tenant())
    AND t.occurred_at <= now()
    AND t.to_stage IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM public.transitions later
        WHERE later.tenant_id = t.tenant_id AND later.lead_id = t.lead_id AND later.supersedes = t.transition_id);

CREATE VIEW reporting.journey_custom WITH (security_barrier) AS
WITH said AS (
    SELECT t.journey_id, t.lead_id, own.key AS name, own.value, 0 AS by_lead, t.position
    FROM reporting.transitions t
    CROSS JOIN LATERAL jsonb_each_text(t.custom) AS own
    UNION ALL
    SELECT j.journey_id, l.lead_id, own.key, own.value, 1, 0
    FROM (
        SELECT DISTINCT ON (lead_id) lead_id, custom
        FROM public.lead_versions
        WHERE tenant_id = (SELECT reporting.tenant())
        ORDER BY lead_id, version DESC
    ) AS l
    JOIN (SELECT DISTINCT lead_id, journey_id FROM reporting.transitions) AS j ON j.lead_id = l.lead_id
    CROSS JOIN LATERAL jsonb_each_text(l.custom) AS own
)
SELECT DISTINCT ON (lead_id, journey_id, name) journey_id, lead_id, name, value
FROM said
ORDER BY lead_id, journey_id, name, by_lead DESC, position DESC;

COMMENT ON COLUMN reporting.transitions.custom IS 'The tenant''s own dimensions that its publisher knew at the row, as an object. Null: none.';
COMMENT ON VIEW reporting.journey_custom IS 'One row for each journey and dimension of the tenant''s own, with its value as last known.';
COMMENT ON COLUMN reporting.journey_custom.journey_id IS 'The journey.';
COMMENT ON COLUMN reporting.journey_custom.lead_id IS 'The lead.';
COMMENT ON COLUMN reporting.journey_custom.name IS 'The dimension.';
COMMENT ON COLUMN reporting.journey_custom.value IS 'Its value, as last known.';

DO $$
BEGIN
    EXECUTE format('GRANT SELECT ON reporting.journey_custom TO %I', current_database() || '_reporting');
END
$$;
