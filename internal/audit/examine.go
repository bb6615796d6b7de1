package audit

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"
)

// block is what the database holds of up to blockSize entries.
type block struct {
	first, last int64
	rows        []entryRow
	tree        [][]byte // by entry, nil where it is missing
	times       *[2]int64
	acts        int // that are listed
}

// entryRow is a row of audit_entries.
type entryRow struct {
	seq, at, act                    int64
	action, outcome, organizationID string
	body                            []byte
	listed                          string // see listedAs
	actor, subject                  int64  // that its act is listed with
	batch                           string
}

// examined is what a block of entries says, and what is wrong with how they are filed.
type examined struct {
	first, last int64
	entries     []examinedEntry
	tree        [][]byte
	untimed     bool // nothing says which times it has
	faults      []Fault
	doubtful    []int64 // acts that seem to be listed falsely
	crowded     bool    // more acts are listed than began here
}

type examinedEntry struct {
	seq     int64
	hash    tlog.Hash
	asked   bool
	closes  int64
	pruning Entry // if it is one
	counted *countKey
}

// read reads a block, up to the entry last.
func (w *walk) read(ctx context.Context, q querier, number, last int64) (block, error) {
	b := block{first: number*blockSize + 1, last: min((number+1)*blockSize, last)}
	if err := w.readRows(ctx, q, &b); err != nil {
		return block{}, err
	}
	b.tree = make([][]byte, b.last-b.first+1)
	const tree = "SELECT seq, hashes FROM audit_tree WHERE seq >= ? AND seq <= ?"
	rows, err := q.QueryContext(ctx, w.log.db.Rebind(tree), b.first, b.last)
	if err != nil {
		return block{}, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var seq int64
		var hashes []byte
		if err := rows.Scan(&seq, &hashes); err != nil {
			return block{}, err
		}
		b.tree[seq-b.first] = hashes
	}
	if err := rows.Err(); err != nil {
		return block{}, err
	}
	_ = rows.Close()
	const acts = "SELECT count(*) FROM audit_acts WHERE seq >= ? AND seq <= ?"
	if err := q.QueryRowContext(ctx, w.log.db.Rebind(acts), b.first, b.last).Scan(&b.acts); err != nil {
		return block{}, err
	}
	const times = "SELECT earliest, latest FROM audit_times WHERE block = ?"
	timeRows, err := q.QueryContext(ctx, w.log.db.Rebind(times), number)
	if err != nil {
		return block{}, err
	}
	defer func() { _ = timeRows.Close() }()
	if timeRows.Next() {
		b.times = new([2]int64)
		err = timeRows.Scan(&b.times[0], &b.times[1])
	}
	if err == nil {
		err = timeRows.Err()
	}
	return b, err
}

func (w *walk) readRows(ctx context.Context, q querier, b *block) error {
	const entries = `SELECT e.seq, e.at, e.act, e.action, e.outcome, e.organization_id, e.body, ` + listedAs + `,
		COALESCE(listed.actor, 0), COALESCE(listed.subject, 0), COALESCE(listed.batch, '') FROM audit_entries e` + joinListed + `WHERE e.seq >= ? AND e.seq <= ? ORDER BY e.seq`
	rows, err := q.QueryContext(ctx, w.log.db.Rebind(entries), b.first, b.last)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	b.rows = make([]entryRow, 0, b.last-b.first+1)
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(&r.seq, &r.at, &r.act, &r.action, &r.outcome, &r.organizationID, &r.body, &r.listed,
			&r.actor, &r.subject, &r.batch); err != nil {
			return err
		}
		b.rows = append(b.rows, r)
	}
	return rows.Err()
}

// examine compares every entry of a block with how it is filed.
func (w *walk) examine(b block) examined {
	x := examined{first: b.first, last: b.last, tree: b.tree, entries: make([]examinedEntry, len(b.rows))}
	earliest, latest, begun := int64(0), int64(0), 0
	for i, r := range b.rows {
		if i == 0 || r.at < earliest {
			earliest = r.at
		}
		if i == 0 || r.at > latest {
			latest = r.at
		}
		x.entries[i] = examinedEntry{seq: r.seq, hash: tlog.RecordHash(r.body)}
		e, err := decode(r.body)
		if err != nil {
			x.faults = append(x.faults, faultf(r.seq, "entry %d cannot be read", r.seq))
			continue
		}
		x.entries[i].asked, x.entries[i].closes = e.Outcome == Asked, e.Closes
		if e.Action == Prune && e.Organization.ID == "" {
			x.entries[i].pruning = e
		}
		if e.counted() {
			k := keyOf(e)
			x.entries[i].counted = &k
		}
		if x.faults = append(x.faults, w.filed(r, &e)...); !fitsListed(e, r.listed) {
			x.doubtful = append(x.doubtful, e.Act())
		}
		if e.Act() == r.seq {
			begun++
		}
	}
	x.crowded = b.acts > begun
	switch complete := int64(len(b.rows)) == b.last-b.first+1; {
	case b.times == nil:
		x.untimed = true
	case len(b.rows) == 0:
	case b.times[0] > earliest || b.times[1] < latest || complete && *b.times != [2]int64{earliest, latest}:
		x.faults = append(x.faults, falseTimes(b.first, b.last))
	}
	return x
}

// filed compares the columns that an entry is found by with what it says.
func (w *walk) filed(r entryRow, e *Entry) (faults []Fault) {
	if e.Seq != r.seq || e.At.UnixMilli() != r.at || e.Act() != r.act || string(e.Action) != r.action ||
		string(e.Outcome) != r.outcome || e.Organization.ID != r.organizationID {
		faults = misfiled(r, e)
	}
	return append(faults, w.misnamed(r, e)...)
}

func misfiled(r entryRow, e *Entry) (faults []Fault) {
	for _, c := range []struct {
		name       string
		says, file any
	}{
		{"number", e.Seq, r.seq}, {"time", e.At.UnixMilli(), r.at}, {"act", e.Act(), r.act},
		{"action", string(e.Action), r.action}, {"outcome", string(e.Outcome), r.outcome},
		{"organization", e.Organization.ID, r.organizationID},
	} {
		if c.says != c.file {
			faults = append(faults, faultf(r.seq, "entry %d is filed under another %s than it says: %v instead of %v",
				r.seq, c.name, c.file, c.says))
		}
	}
	return faults
}

// misnamed compares whom and what the act of an entry is found by with what the entry says.
func (w *walk) misnamed(r entryRow, e *Entry) (faults []Fault) {
	if e.About > 0 || r.listed == "" {
		return nil // evidence is found with its act, whoever read it
	}
	if e.Batch != r.batch {
		faults = append(faults, faultf(r.seq, "entry %d is filed under another batch than it says: %q instead of %q",
			r.seq, r.batch, e.Batch))
	}
	for _, p := range []struct {
		role  string
		ref   int64
		party Party
	}{{"actor", r.actor, e.Actor}, {"subject", r.subject, e.Subject}} {
		if !w.people.is(r.seq, p.ref, e.Organization.ID, p.party) {
			faults = append(faults, faultf(r.seq, "entry %d is filed under another %s than it names: "+
				"the person was exchanged, or changed in the list of people", r.seq, p.role))
		}
	}
	return faults
}

// falseTimes is the fault of a block that is not found by the times of its entries. Where retention has removed some,
// its times may be too wide.
func falseTimes(first, last int64) Fault {
	return faultf(first, "the entries %d to %d are hidden from searches by time, or found by false ones", first, last)
}
