-- What a touch cost, and which one it corrects. Which of two counts at K is decided by when the ledger learnt of the later one.
ALTER TABLE touchpoints
    ADD COLUMN cost numeric CHECK (cost >= 0),
    ADD COLUMN currency text,
    ADD COLUMN supersedes uuid,
    ADD CONSTRAINT touchpoints_cost_currency CHECK ((cost IS NULL) = (currency IS NULL));
CREATE INDEX touchpoints_superseding ON touchpoints (tenant_id, supersedes) WHERE supersedes IS NOT NULL;
CREATE INDEX touchpoints_with_cost ON touchpoints (tenant_id, occurred_at) WHERE cost IS NOT NULL;
