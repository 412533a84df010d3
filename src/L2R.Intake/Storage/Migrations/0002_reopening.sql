-- Where the journey stood when the exit that it stands in was taken; null in a stage, and in an exit of another service that did not say.
ALTER TABLE leads ADD COLUMN exit_from smallint CHECK (exit_from BETWEEN 0 AND 9);
-- Until now nothing reopened a lead: a second row that disqualifies is always Intake's own, from LEAD.
UPDATE leads SET exit_from = 0 WHERE stage = 6 AND stage_seq = 2 AND NOT imported;
