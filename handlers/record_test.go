package handlers_test

import (
	"strconv"

	"tokenconsole/internal/audit"
)

// entries are all of the record, oldest first, those of no organization too.
func (c *console) entries() []audit.Entry {
	c.t.Helper()
	return c.since(0)
}

// recorded is how many entries the record has.
func (c *console) recorded() (n int) {
	c.t.Helper()
	if err := c.db.QueryRowContext(c.t.Context(), "SELECT count(*) FROM audit_entries").Scan(&n); err != nil {
		c.t.Fatal(err)
	}
	return n
}

// since are the entries after the first n. Only these are read: tests that ask again and again would read the rest each time.
func (c *console) since(n int) []audit.Entry {
	c.t.Helper()
	rows, err := c.db.QueryContext(c.t.Context(), "SELECT seq, organization_id FROM audit_entries ORDER BY seq")
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	type place struct {
		seq          int64
		organization string
	}
	var places []place
	for i := 0; rows.Next(); i++ {
		var p place
		if err := rows.Scan(&p.seq, &p.organization); err != nil {
			c.t.Fatal(err)
		}
		if i >= n {
			places = append(places, p)
		}
	}
	rows.Close()
	var entries []audit.Entry
	for _, p := range places {
		e, err := c.record.Get(c.t.Context(), p.organization, p.seq)
		if err != nil {
			c.t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

// lastEntry is the newest entry.
func (c *console) lastEntry() audit.Entry {
	c.t.Helper()
	newest := c.since(c.recorded() - 1)
	if len(newest) == 0 {
		c.t.Fatal("the record is empty")
	}
	return newest[len(newest)-1]
}

// add puts entries on the record: revocations of the demo organization that were
// done, unless they say otherwise. It returns their numbers.
func (c *console) add(entries ...audit.Entry) (seqs []string) {
	c.t.Helper()
	for _, e := range entries {
		if e.Organization.ID == "" {
			e.Organization = demo(c.t)
		}
		if e.Action == "" {
			e.Action = audit.Revoke
		}
		if e.Outcome == "" {
			e.Outcome = audit.Done
		}
		written, err := c.record.Append(c.t.Context(), e)
		if err != nil {
			c.t.Fatal(err)
		}
		seqs = append(seqs, strconv.FormatInt(written.Seq, 10))
	}
	return seqs
}

// execute runs SQL on the console's database.
func (c *console) execute(statements ...string) {
	c.t.Helper()
	for _, s := range statements {
		if _, err := c.db.ExecContext(c.t.Context(), s); err != nil {
			c.t.Fatalf("%s: %v", s, err)
		}
	}
}

// unguard does what only an owner of the database can: it takes the triggers
// away.
func (c *console) unguard() {
	c.t.Helper()
	rows, err := c.db.QueryContext(c.t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	var drops []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			c.t.Fatal(err)
		}
		drops = append(drops, "DROP TRIGGER "+name)
	}
	rows.Close()
	c.execute(drops...)
}

// readOnly keeps the database from being written, or lets it be written again.
func (c *console) readOnly(on bool) {
	c.t.Helper()
	statement := "PRAGMA query_only = 0"
	if on {
		statement = "PRAGMA query_only = 1"
	}
	everyConnection(c.t, c.db, statement)
}
