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

// is reports whether ref is the person of an organization. One who was added since the people were read is looked up.
func (p *people) is(ref int64, organizationID string, party Party) bool {
	want := spelling{organizationID, party.ID, party.Name, party.Email}.hash()
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.hash[ref]; ok {
		return known == want
	}
	var s spelling
	var found string
	err := p.db.QueryRowContext(context.Background(), p.db.Rebind(selectPeople+" WHERE ref = ?"), ref).
		Scan(&ref, &s.organizationID, &s.id, &s.name, &s.email, &found)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		p.err = fmt.Errorf("reading the record's people: %w", err)
		return true // the walk ends with that error
	}
	p.hash[ref] = s.hash()
	return err == nil && p.hash[ref] == want
}
