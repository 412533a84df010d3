-- An id is of one tenant anyway: the tenant before it made each entry twice as long, and each append a fifth dearer.
DROP INDEX transitions_of_lead;
DROP INDEX transitions_of_journey;
CREATE INDEX transitions_of_lead ON transitions (lead_id);
CREATE INDEX transitions_of_journey ON transitions (journey_id);
