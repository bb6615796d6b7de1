package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"

	"tokenconsole/internal/database"
)

// people are the spellings of people that entries refer to, as hashes: the texts would need too much room.
type people struct {
	db   *database.DB
	mu   sync.Mutex
	hash map[int64]uint64
	err  error // of a look-up
}

// peopleSeed makes it impossible to find another person with the same hash.
var peopleSeed = maphash.MakeSeed()

type spelling struct{ organizationID, id, name, email string }

func (s spelling) hash() uint64 { return maphash.Comparable(peopleSeed, s) }

const selectPeople = "SELECT ref, organization_id, id, name, email, folded FROM audit_people"

// readPeople reads everybody, and reports those whom a search would not find.
func readPeople(ctx context.Context, db *database.DB, report *Report) (*people, error) {
	p := &people{db: db, hash: map[int64]uint64{}}
	rows, err := db.QueryContext(ctx, selectPeople)
	if err != nil {
		return nil, fmt.Errorf("reading the record's people: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var ref int64
		var s spelling
		var found string
		if err := rows.Scan(&ref, &s.organizationID, &s.id, &s.name, &s.email, &found); err != nil {
			return nil, fmt.Errorf("reading the record's people: %w", err)
		}
		p.hash[ref] = s.hash()
		report.People++
		if found != folded(Party{s.id, s.name, s.email}) {
			report.fault(faultf(0, "the person %q is hidden from searches", s.name))
		}
	}
	return p, rows.Err()
}

// is reports whether ref, under which the entry seq is filed, is the person of an organization. One who was added since
// the people were read is looked up; one who is gone was forgotten if the entry was pruned since it was read.
func (p *people) is(seq, ref int64, organizationID string, party Party) bool {
	want := spelling{organizationID, party.ID, party.Name, party.Email}.hash()
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.hash[ref]; ok {
		return known == want
	}
	s, err := p.lookUp(ref)
	if errors.Is(err, sql.ErrNoRows) {
		return p.pruned(seq)
	}
	if err != nil {
		p.fail(err)
		return true // the walk ends with that error
	}
	p.hash[ref] = s.hash()
	return p.hash[ref] == want
}

func (p *people) lookUp(ref int64) (s spelling, err error) {
	var found string
	err = p.db.QueryRowContext(context.Background(), p.db.Rebind(selectPeople+" WHERE ref = ?"), ref).
		Scan(&ref, &s.organizationID, &s.id, &s.name, &s.email, &found)
	return s, err
}

// pruned reports whether the entry seq was pruned. Entries are pruned before their people are forgotten, so that it is
// asked after somebody was not found.
func (p *people) pruned(seq int64) bool {
	var through int64
	if err := p.db.QueryRowContext(context.Background(), "SELECT pruned FROM audit_head").Scan(&through); err != nil {
		p.fail(err)
	}
	return seq <= through
}

func (p *people) fail(err error) { p.err = fmt.Errorf("reading the record's people: %w", err) }
