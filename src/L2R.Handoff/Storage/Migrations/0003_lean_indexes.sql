-- A lead is only ever looked for by its whole id (docs/adr/0025).
DROP INDEX handoffs_of_lead;
CREATE INDEX handoffs_of_lead ON handoffs USING hash (lead_id);
