-- A lead that is the same person as another one. Undone, both are null again; what was when is the ledger's.
ALTER TABLE leads
    ADD COLUMN merged_into uuid CHECK (merged_into <> lead_id),
    ADD COLUMN merge_id uuid,
    ADD CONSTRAINT leads_merge CHECK ((merged_into IS NULL) = (merge_id IS NULL));
