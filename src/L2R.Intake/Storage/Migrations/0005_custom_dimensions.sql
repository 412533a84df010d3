-- The tenant's own dimensions, {} where it gives none.
ALTER TABLE leads ADD COLUMN custom jsonb NOT NULL DEFAULT '{}';
