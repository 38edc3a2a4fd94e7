CREATE TABLE meter (
  id text PRIMARY KEY,
  first_seen_at timestamptz(3) NOT NULL,
  last_seen_at timestamptz(3) NOT NULL
);

CREATE TABLE reading (
  meter_id text NOT NULL REFERENCES meter (id) ON DELETE CASCADE,
  taken_at timestamptz(3) NOT NULL,
  power_w double precision NOT NULL,
  energy_kwh double precision NOT NULL,
  -- A retried run brings a reading again: it is there once.
  PRIMARY KEY (meter_id, taken_at)
);

CREATE INDEX reading_taken_at ON reading (taken_at);
