-- Everybody may call a function unless told otherwise, and some here run with the rights of their owner, for all tenants. Who may not use the
-- schema calls none of its functions, those of later files included; the service's role has its own grant.
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
