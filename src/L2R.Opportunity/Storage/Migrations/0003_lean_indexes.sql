-- A journey is only ever looked for by its whole id (docs/adr/0025).
DROP INDEX imported_deal_rows_of_journey;
CREATE INDEX imported_deal_rows_of_journey ON imported_deal_rows USING hash (journey_id);
DROP INDEX opportunities_of_journey;
CREATE INDEX opportunities_of_journey ON opportunities USING hash (journey_id);
