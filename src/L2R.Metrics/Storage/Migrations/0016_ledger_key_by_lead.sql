-- The ids of history are hashes, so each entry of an index is written at a place of its own, and that is most of what an append costs. The key
-- begins with the lead, which every reader goes by, and so serves as its index too: a row with this id is of this lead for ever
-- (docs/adr/0025). A journey is only ever looked for by its whole id.
ALTER TABLE transitions DROP CONSTRAINT transitions_pkey, ADD PRIMARY KEY (tenant_id, lead_id, transition_id);
DROP INDEX transitions_of_lead;
DROP INDEX transitions_of_journey;
CREATE INDEX transitions_of_journey ON transitions USING hash (journey_id);
