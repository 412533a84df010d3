-- A payload lives for milliseconds: packing it costs more than the bytes that it saves.
ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
