package audit

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"tokenconsole/internal/database"
)

// names are the people whom the record names, kept in memory: comparing thousands of names there takes the hundredth
// part of what the database needs. Each search reads first who was added since the last. One who is gone from the
// database is found here until the next walk, and has no acts.
type names struct {
	db   *database.DB
	mu   sync.Mutex
	last int64           // the newest ref that was read
	of   map[string]roll // by organization
}

// roll is the people of an organization. It only grows, so that a copy can be searched while others add to it.
type roll struct {
	refs []int64
	ids  []string
	ends []int  // where each of them ends in text
	text []byte // what searches look at, a NUL after each
}

func newNames(db *database.DB) *names { return &names{db: db, of: map[string]roll{}} }

// in returns the people of an organization.
func (n *names) in(ctx context.Context, organization string) (roll, error) {
	for {
		r, current, err := n.look(ctx, organization)
		if err != nil || current {
			return r, err
		}
	}
}

// look reads who was added. It is not current if people were forgotten meanwhile.
func (n *names) look(ctx context.Context, organization string) (r roll, current bool, err error) {
	n.mu.Lock()
	last := n.last
	n.mu.Unlock()
	added, err := n.after(ctx, last)
	if err != nil {
		return roll{}, false, fmt.Errorf("reading the record's people: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last < last {
		return roll{}, false, nil
	}
	for _, p := range added {
		n.add(p)
	}
	return n.of[organization], true, nil
}

// person is how the database holds one.
type person struct {
	ref              int64
	organization, id string
	folded           string
}

// after reads the people after one.
func (n *names) after(ctx context.Context, last int64) (added []person, err error) {
	const query = "SELECT ref, organization_id, id, folded FROM audit_people WHERE ref > ? ORDER BY ref"
	rows, err := n.db.QueryContext(ctx, n.db.Rebind(query), last)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p person
		if err := rows.Scan(&p.ref, &p.organization, &p.id, &p.folded); err != nil {
			return nil, err
		}
		added = append(added, p)
	}
	return added, rows.Err()
}

// add adds p, unless another search has. Refs grow in the order in which people are committed: writers take turns.
func (n *names) add(p person) {
	if p.ref <= n.last {
		return
	}
	r := n.of[p.organization]
	r.refs, r.ids = append(r.refs, p.ref), append(r.ids, p.id)
	r.text = append(append(r.text, p.folded...), 0)
	r.ends = append(r.ends, len(r.text))
	n.last, n.of[p.organization] = p.ref, r
}

// forget makes the next search read everybody anew: some are gone.
func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last, n.of = 0, map[string]roll{}
}

// refresh reads everybody anew, so that the people whom retention removed, here or elsewhere, are forgotten.
func (n *names) refresh(ctx context.Context) {
	n.forget()
	_, _ = n.in(ctx, "") // else the next search reads them
}

// called returns the refs of up to limit people in whose spellings s stands.
func (r roll) called(s string, limit int) (refs []any) {
	part := []byte(s)
	if bytes.IndexByte(part, 0) >= 0 {
		return nil
	}
	for from := 0; len(refs) < limit; {
		at := bytes.Index(r.text[from:], part)
		if at < 0 {
			break
		}
		i, _ := slices.BinarySearch(r.ends, from+at+1)
		refs, from = append(refs, r.refs[i]), r.ends[i]
	}
	return refs
}

// with returns the refs of up to limit spellings of the person with an id.
func (r roll) with(id string, limit int) (refs []any) {
	for i, known := range r.ids {
		if known == id && len(refs) < limit {
			refs = append(refs, r.refs[i])
		}
	}
	return refs
}
