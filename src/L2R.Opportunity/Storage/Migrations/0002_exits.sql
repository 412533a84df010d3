-- Where the journey stood when the exit that it stands in was taken; null in a stage, and in an exit of another service that did not say.
ALTER TABLE journeys ADD COLUMN exit_from smallint CHECK (exit_from BETWEEN 0 AND 9);
UPDATE journeys SET exit_from = 4 WHERE stage = 9; -- a journey is lost from OPPORTUNITY alone
