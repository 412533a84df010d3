-- What BI tools read: docs/reporting.md. The views run as their owner, who sees every tenant's rows, and show those of the tenant that the
-- reader's login is written down for. The setting l2r.tenant_id would not do here: who can send SQL can set it.
CREATE SCHEMA reporting;
COMMENT ON SCHEMA reporting IS 'The ledger of one tenant for BI tools, read only. Instants are UTC, amounts in their own currency.';

CREATE TABLE reporting.readers (
    role_name  name NOT NULL PRIMARY KEY,
    tenant_id  text NOT NULL
);
COMMENT ON TABLE reporting.readers IS 'Which tenant a login reads. Whoever operates the database writes it; nobody else sees it.';
COMMENT ON COLUMN reporting.readers.role_name IS 'The login: session_user, which SET ROLE does not change.';
COMMENT ON COLUMN reporting.readers.tenant_id IS 'The tenant whose rows it sees.';

CREATE FUNCTION reporting.tenant() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    tenant text := (SELECT tenant_id FROM reporting.readers WHERE role_name = session_user);
BEGIN
    IF tenant IS NULL THEN
        RAISE EXCEPTION 'The login % reads no tenant', session_user
            USING ERRCODE = 'insufficient_privilege', HINT = 'Whoever operates the database adds it to reporting.readers.';
    END IF;
    RETURN tenant;
END
$$;
COMMENT ON FUNCTION reporting.tenant() IS 'The tenant whose rows the login sees. An error for a login that is not written down.';

CREATE VIEW reporting.transitions WITH (security_barrier) AS
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
    t.channel, t.source, t.campaign, t.motion, t.segment, t.region, t.owner, t.team, t.product
FROM public.transitions t
WHERE t.tenant_id = (SELECT reporting.tenant())
    AND t.occurred_at <= now()
    AND t.to_stage IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM public.transitions later
        WHERE later.tenant_id = t.tenant_id AND later.lead_id = t.lead_id AND later.supersedes = t.transition_id);

CREATE VIEW reporting.wins WITH (security_barrier) AS
SELECT transition_id, lead_id, journey_id, opportunity_id, occurred_at AS won_at, amount, currency, owner, team, product
FROM reporting.transitions
WHERE to_number = 5;

CREATE VIEW reporting.journeys WITH (security_barrier) AS
WITH moves AS (
    SELECT * FROM reporting.transitions
),
-- Of an opportunity's rows: which losses end nothing, because another one of the journey is open. A close that names none closes all,
-- so what is open is counted from there on.
deals AS (
    SELECT
        lead_id, journey_id, position, to_number, coalesce(opportunity_id, transition_id) AS opportunity,
        to_number <> 4 AND opportunity_id IS NULL AS closes_all,
        count(*) FILTER (WHERE to_number <> 4 AND opportunity_id IS NULL) OVER (PARTITION BY lead_id, journey_id ORDER BY position) AS round
    FROM moves
    WHERE to_number IN (4, 5, 9)
),
turns AS (
    SELECT *, CASE
        WHEN closes_all THEN 0
        WHEN to_number = 4 AND lag(to_number) OVER each IS DISTINCT FROM 4 THEN 1
        WHEN to_number <> 4 AND lag(to_number) OVER each = 4 THEN -1
        ELSE 0 END AS turn
    FROM deals
    WINDOW each AS (PARTITION BY lead_id, journey_id, round, opportunity ORDER BY position)
),
open_deals AS (
    SELECT lead_id, journey_id, position, to_number, sum(turn) OVER (PARTITION BY lead_id, journey_id, round ORDER BY position) AS open_count
    FROM turns
),
-- What counts for where a journey stands. An exit that is taken again stands since the first time.
steps AS (
    SELECT m.*, d.position IS NULL AS moves,
        d.position IS NULL
            AND NOT (m.to_number > 5 AND m.to_number IS NOT DISTINCT FROM lag(m.to_number) OVER (PARTITION BY m.lead_id, m.journey_id, d.position IS NULL ORDER BY m.position))
            AS starts
    FROM moves m
    LEFT JOIN open_deals d
        ON d.lead_id = m.lead_id AND d.journey_id = m.journey_id AND d.position = m.position AND d.to_number = 9 AND d.open_count > 0
),
journeys AS (
    SELECT
        lead_id, journey_id,
        min(occurred_at) FILTER (WHERE to_number <= 5) AS lead_at, min(position * 16 + to_number) FILTER (WHERE to_number <= 5) % 16 AS lead_by,
        min(occurred_at) FILTER (WHERE to_number BETWEEN 1 AND 5) AS mql_at, min(position * 16 + to_number) FILTER (WHERE to_number BETWEEN 1 AND 5) % 16 AS mql_by,
        min(occurred_at) FILTER (WHERE to_number BETWEEN 2 AND 5) AS sal_at, min(position * 16 + to_number) FILTER (WHERE to_number BETWEEN 2 AND 5) % 16 AS sal_by,
        min(occurred_at) FILTER (WHERE to_number BETWEEN 3 AND 5) AS sql_at, min(position * 16 + to_number) FILTER (WHERE to_number BETWEEN 3 AND 5) % 16 AS sql_by,
        min(occurred_at) FILTER (WHERE to_number BETWEEN 4 AND 5) AS opportunity_at, min(position * 16 + to_number) FILTER (WHERE to_number BETWEEN 4 AND 5) % 16 AS opportunity_by,
        min(occurred_at) FILTER (WHERE to_number = 5) AS closed_won_at,
        CASE WHEN bool_or(to_number = 5) THEN 5 ELSE max(position * 16 + to_number) FILTER (WHERE moves) % 16 END AS standing,
        CASE WHEN bool_or(to_number = 5) THEN max(occurred_at) FILTER (WHERE to_number = 5) ELSE max(occurred_at) FILTER (WHERE starts) END AS standing_since,
        count(*) FILTER (WHERE to_number = 5) AS won_count,
        CASE WHEN count(DISTINCT currency) FILTER (WHERE to_number = 5) = 1 THEN sum(amount) FILTER (WHERE to_number = 5) END AS won_amount,
        CASE WHEN count(DISTINCT currency) FILTER (WHERE to_number = 5) = 1 THEN min(currency) FILTER (WHERE to_number = 5) END AS won_currency,
        (array_agg(segment ORDER BY position DESC) FILTER (WHERE segment IS NOT NULL))[1] AS segment,
        (array_agg(region ORDER BY position DESC) FILTER (WHERE region IS NOT NULL))[1] AS region,
        (array_agg(owner ORDER BY position DESC) FILTER (WHERE owner IS NOT NULL))[1] AS owner,
        (array_agg(team ORDER BY position DESC) FILTER (WHERE team IS NOT NULL))[1] AS team,
        (array_agg(product ORDER BY position DESC) FILTER (WHERE product IS NOT NULL))[1] AS product
    FROM steps
    GROUP BY lead_id, journey_id
),
origins AS (
    SELECT
        lead_id, journey_id, channel, source, campaign, motion,
        row_number() OVER (PARTITION BY lead_id ORDER BY occurred_at, source_seq, least(to_number, 6), transition_id) AS number,
        count(*) OVER (PARTITION BY lead_id) AS of_lead
    FROM moves
    WHERE position = 1
),
-- What Intake last said of leads that changed.
leads AS (
    SELECT DISTINCT ON (lead_id) lead_id, segment, region
    FROM public.lead_versions
    WHERE tenant_id = (SELECT reporting.tenant())
    ORDER BY lead_id, version DESC
)
SELECT
    j.journey_id, j.lead_id, o.number::integer AS journey_number, o.number = o.of_lead AS is_latest,
    (ARRAY['LEAD', 'MQL', 'SAL', 'SQL', 'OPPORTUNITY', 'CLOSED_WON'])[j.lead_by + 1] AS started_at,
    (ARRAY['LEAD', 'MQL', 'SAL', 'SQL', 'OPPORTUNITY', 'CLOSED_WON', 'DISQUALIFIED', 'REJECTED', 'RECYCLED', 'CLOSED_LOST'])[j.standing + 1] AS standing,
    j.standing_since, j.standing < 5 AS is_open,
    j.lead_at, j.lead_by <> 0 AS lead_inferred,
    j.mql_at, j.mql_by <> 1 AS mql_inferred,
    j.sal_at, j.sal_by <> 2 AS sal_inferred,
    j.sql_at, j.sql_by <> 3 AS sql_inferred,
    j.opportunity_at, j.opportunity_by <> 4 AS opportunity_inferred,
    j.closed_won_at,
    j.won_count, j.won_amount, j.won_currency,
    o.channel, o.source, o.campaign, o.motion,
    CASE WHEN l.lead_id IS NULL THEN j.segment ELSE l.segment END AS segment,
    CASE WHEN l.lead_id IS NULL THEN j.region ELSE l.region END AS region,
    j.owner, j.team, j.product
FROM journeys j
JOIN origins o ON o.lead_id = j.lead_id AND o.journey_id = j.journey_id
LEFT JOIN leads l ON l.lead_id = j.lead_id;

CREATE VIEW reporting.stage_reach_by_month WITH (security_barrier) AS
SELECT
    to_char(r.reached_at AT TIME ZONE coalesce(s.time_zone, 'UTC'), 'YYYY-MM') AS month,
    r.stage, r.stage_number, j.channel,
    count(*) AS reached_count, count(*) FILTER (WHERE r.inferred) AS inferred_count
FROM reporting.journeys j
CROSS JOIN LATERAL (VALUES
    (0, 'LEAD', j.lead_at, j.lead_inferred), (1, 'MQL', j.mql_at, j.mql_inferred), (2, 'SAL', j.sal_at, j.sal_inferred),
    (3, 'SQL', j.sql_at, j.sql_inferred), (4, 'OPPORTUNITY', j.opportunity_at, j.opportunity_inferred), (5, 'CLOSED_WON', j.closed_won_at, false)
) AS r (stage_number, stage, reached_at, inferred)
LEFT JOIN public.settings s ON s.tenant_id = (SELECT reporting.tenant())
WHERE r.reached_at IS NOT NULL
GROUP BY 1, 2, 3, 4;

COMMENT ON VIEW reporting.transitions IS 'Every row of the ledger that is in force now: one move of one journey each. Rows that were superseded or withdrawn are left out.';
COMMENT ON COLUMN reporting.transitions.transition_id IS 'Identifies the row for ever.';
COMMENT ON COLUMN reporting.transitions.lead_id IS 'The lead.';
COMMENT ON COLUMN reporting.transitions.journey_id IS 'One pass of the lead down the waterfall.';
COMMENT ON COLUMN reporting.transitions.position IS '1 for the journey''s first row, in the ledger''s order: occurred_at, source_seq, rank of the stage, transition_id.';
COMMENT ON COLUMN reporting.transitions.opportunity_id IS 'The opportunity that was entered, won or lost. Null where the source named none.';
COMMENT ON COLUMN reporting.transitions.from_stage IS 'Where the publisher believed the journey to stand. Null for a first row. No figure is made of it.';
COMMENT ON COLUMN reporting.transitions.to_stage IS 'What was entered: LEAD, MQL, SAL, SQL, OPPORTUNITY, CLOSED_WON, or an exit: DISQUALIFIED, REJECTED, RECYCLED, CLOSED_LOST.';
COMMENT ON COLUMN reporting.transitions.to_number IS 'The same as a number, to sort by: 0 for LEAD to 5 for CLOSED_WON, 6 to 9 for the exits.';
COMMENT ON COLUMN reporting.transitions.occurred_at IS 'When it happened.';
COMMENT ON COLUMN reporting.transitions.recorded_at IS 'When the ledger learnt of it.';
COMMENT ON COLUMN reporting.transitions.source_seq IS 'Numbers the moves of one journey; decides ties.';
COMMENT ON COLUMN reporting.transitions.origin IS 'LIVE, or IMPORT for history.';
COMMENT ON COLUMN reporting.transitions.actor IS 'Who did it, as an id. Never a name.';
COMMENT ON COLUMN reporting.transitions.reason IS 'Why, as the actor or the source said it. May be empty.';
COMMENT ON COLUMN reporting.transitions.policy_version IS 'The version of the policy that decided. Null where none did.';
COMMENT ON COLUMN reporting.transitions.score IS 'The score that crossed the threshold, on MQL.';
COMMENT ON COLUMN reporting.transitions.amount IS 'The value of the opportunity at that moment, in currency.';
COMMENT ON COLUMN reporting.transitions.currency IS 'ISO 4217. Null where there is no amount.';
COMMENT ON COLUMN reporting.transitions.supersedes IS 'The row that this one corrects.';
COMMENT ON COLUMN reporting.transitions.channel IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.transitions.source IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.transitions.campaign IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.transitions.motion IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.transitions.segment IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.transitions.region IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.transitions.owner IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.transitions.team IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.transitions.product IS 'What its publisher knew at the row. Null: it did not say.';

COMMENT ON VIEW reporting.wins IS 'Every CLOSED_WON row in force: money counts opportunities, each at its own close.';
COMMENT ON COLUMN reporting.wins.transition_id IS 'The row.';
COMMENT ON COLUMN reporting.wins.lead_id IS 'The lead.';
COMMENT ON COLUMN reporting.wins.journey_id IS 'The journey.';
COMMENT ON COLUMN reporting.wins.opportunity_id IS 'The opportunity that was won. Null where the source named none.';
COMMENT ON COLUMN reporting.wins.won_at IS 'When it was won.';
COMMENT ON COLUMN reporting.wins.amount IS 'What was won, in currency. Null: the row has none.';
COMMENT ON COLUMN reporting.wins.currency IS 'ISO 4217. Null where there is no amount.';
COMMENT ON COLUMN reporting.wins.owner IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.wins.team IS 'What its publisher knew at the row. Null: it did not say.';
COMMENT ON COLUMN reporting.wins.product IS 'What its publisher knew at the row. Null: it did not say.';

COMMENT ON VIEW reporting.journeys IS 'One row for each journey with a row in force: how far it came, when, and where it stands now.';
COMMENT ON COLUMN reporting.journeys.journey_id IS 'The journey.';
COMMENT ON COLUMN reporting.journeys.lead_id IS 'The lead.';
COMMENT ON COLUMN reporting.journeys.journey_number IS '1 for the lead''s first journey, by the journeys'' first rows.';
COMMENT ON COLUMN reporting.journeys.is_latest IS 'Whether no journey of the lead has a higher number.';
COMMENT ON COLUMN reporting.journeys.started_at IS 'The stage of its first entry. Not LEAD: it was never at risk in the stages before. Null where all that is known is an exit.';
COMMENT ON COLUMN reporting.journeys.standing IS 'The stage or exit in which it stands. CLOSED_WON once an opportunity is won; an opportunity lost beside an open one ends nothing.';
COMMENT ON COLUMN reporting.journeys.standing_since IS 'When it came to stand there.';
COMMENT ON COLUMN reporting.journeys.is_open IS 'Whether it stands in a stage before CLOSED_WON.';
COMMENT ON COLUMN reporting.journeys.lead_at IS 'When it reached LEAD: its first entry of LEAD or a later stage. Null: not yet, or never.';
COMMENT ON COLUMN reporting.journeys.mql_at IS 'When it reached MQL: its first entry of MQL or a later stage. Null: not yet, or never.';
COMMENT ON COLUMN reporting.journeys.sal_at IS 'When it reached SAL: its first entry of SAL or a later stage. Null: not yet, or never.';
COMMENT ON COLUMN reporting.journeys.sql_at IS 'When it reached SQL: its first entry of SQL or a later stage. Null: not yet, or never.';
COMMENT ON COLUMN reporting.journeys.opportunity_at IS 'When it reached OPPORTUNITY: its first entry of OPPORTUNITY or a later stage. Null: not yet, or never.';
COMMENT ON COLUMN reporting.journeys.lead_inferred IS 'Whether that entry is of a later stage, so that LEAD was skipped or entered later. Null where it was not reached.';
COMMENT ON COLUMN reporting.journeys.mql_inferred IS 'Whether that entry is of a later stage, so that MQL was skipped or entered later. Null where it was not reached.';
COMMENT ON COLUMN reporting.journeys.sal_inferred IS 'Whether that entry is of a later stage, so that SAL was skipped or entered later. Null where it was not reached.';
COMMENT ON COLUMN reporting.journeys.sql_inferred IS 'Whether that entry is of a later stage, so that SQL was skipped or entered later. Null where it was not reached.';
COMMENT ON COLUMN reporting.journeys.opportunity_inferred IS 'Whether that entry is of a later stage, so that OPPORTUNITY was skipped or entered later. Null where it was not reached.';
COMMENT ON COLUMN reporting.journeys.closed_won_at IS 'When it reached CLOSED_WON, the first time. Never inferred. Null: not yet, or never.';
COMMENT ON COLUMN reporting.journeys.won_count IS 'Opportunities won.';
COMMENT ON COLUMN reporting.journeys.won_amount IS 'The sum of their amounts, in won_currency. Null where none has an amount, or they are in several currencies: reporting.wins has each.';
COMMENT ON COLUMN reporting.journeys.won_currency IS 'ISO 4217. Null as won_amount.';
COMMENT ON COLUMN reporting.journeys.channel IS 'How the lead came, as the journey''s first row has it. Null: unknown.';
COMMENT ON COLUMN reporting.journeys.source IS 'Where the channel got it from, as the journey''s first row has it. Null: unknown.';
COMMENT ON COLUMN reporting.journeys.campaign IS 'The campaign that brought it, as the journey''s first row has it. Null: unknown.';
COMMENT ON COLUMN reporting.journeys.motion IS 'new, expansion, renewal or win-back, as the journey''s first row has it. Null: unknown.';
COMMENT ON COLUMN reporting.journeys.segment IS 'Market segment, as last known. Null: unknown.';
COMMENT ON COLUMN reporting.journeys.region IS 'CLDR region code, as last known. Null: unknown.';
COMMENT ON COLUMN reporting.journeys.owner IS 'Who works on it, an id, as last known. Null: unknown.';
COMMENT ON COLUMN reporting.journeys.team IS 'The team or pool of the owner, as last known. Null: unknown.';
COMMENT ON COLUMN reporting.journeys.product IS 'The product asked for, as last known. Null: unknown.';

COMMENT ON VIEW reporting.stage_reach_by_month IS 'How many journeys reached each stage, by the month in which they did and the channel: the reach of GetWaterfall by month and channel.';
COMMENT ON COLUMN reporting.stage_reach_by_month.month IS 'Such as 2026-01, of the tenant''s reporting zone.';
COMMENT ON COLUMN reporting.stage_reach_by_month.stage IS 'LEAD to CLOSED_WON.';
COMMENT ON COLUMN reporting.stage_reach_by_month.stage_number IS '0 for LEAD to 5 for CLOSED_WON, to sort by.';
COMMENT ON COLUMN reporting.stage_reach_by_month.channel IS 'How the lead came, as the journey''s first row has it. Null: unknown.';
COMMENT ON COLUMN reporting.stage_reach_by_month.reached_count IS 'Journeys that came so far or further.';
COMMENT ON COLUMN reporting.stage_reach_by_month.inferred_count IS 'Of them those that skipped the stage: a later stage''s entry gives the month.';

-- A role to grant to a login: it reads the views and nothing else. Who may not use the schema public calls no function of it either, which
-- everybody may unless told otherwise; the service's role has its own grant.
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
DO $$
DECLARE
    reporting text := current_database() || '_reporting';
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = reporting) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', reporting);
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), reporting);
    EXECUTE format('GRANT USAGE ON SCHEMA reporting TO %I', reporting);
    EXECUTE format('GRANT SELECT ON reporting.transitions, reporting.wins, reporting.journeys, reporting.stage_reach_by_month TO %I', reporting);
END
$$;
