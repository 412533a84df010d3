-- Which journeys are in no figure: a list of rules, as OutOfScopeJson writes them.
ALTER TABLE settings ADD COLUMN out_of_scope_rules jsonb NOT NULL DEFAULT '[]';
