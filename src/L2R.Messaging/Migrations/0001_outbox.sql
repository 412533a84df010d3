-- Infrastructure, no row-level security: the payload carries the tenant.

-- Events committed with the state that caused them, until the relay has sent them.
CREATE TABLE outbox (
    sequence      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id      uuid        NOT NULL,
    event_type    text        NOT NULL,
    routing_key   text        NOT NULL,
    payload       bytea       NOT NULL,
    trace_parent  text,
    create_time   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Events that cannot be sent as they are. Counted by an alarm; replayed by hand.
CREATE TABLE outbox_dead (
    sequence      bigint      PRIMARY KEY,
    event_id      uuid        NOT NULL,
    event_type    text        NOT NULL,
    routing_key   text        NOT NULL,
    payload       bytea       NOT NULL,
    trace_parent  text,
    create_time   timestamptz NOT NULL,
    error         text        NOT NULL,
    bury_time     timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Messages whose effect is stored. Rows older than the broker's longest redelivery may go.
CREATE TABLE inbox (
    message_id    uuid        NOT NULL,
    consumer      text        NOT NULL,
    handle_time   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (message_id, consumer)
);
