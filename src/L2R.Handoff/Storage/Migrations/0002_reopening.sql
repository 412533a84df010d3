-- Where the journey stood when Handoff took the exit that it stands in; null in a stage, and in an exit of another service.
ALTER TABLE handoffs ADD COLUMN exit_from smallint CHECK (exit_from BETWEEN 0 AND 9);
