package comeback

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"tokenconsole/internal/genesys"
)

// evidence is what the platform told about somebody.
type evidence struct {
	Token
	name, email string
}

const selectEvidence = `SELECT person_id, issued, read_at, address, client_id, name, email
	FROM watch_tokens WHERE organization_id = ?`

// evidenceOfAll returns what the platform told about the people of an organization.
func (s *Service) evidenceOfAll(ctx context.Context, organization string) (map[string]evidence, error) {
	return s.readEvidence(ctx, selectEvidence, organization)
}

// toldOf returns what the platform told about one person.
func (s *Service) evidenceOf(ctx context.Context, organization, person string) (evidence, error) {
	all, err := s.readEvidence(ctx, selectEvidence+" AND person_id = ?", organization, person)
	return all[person], err
}

func (s *Service) readEvidence(ctx context.Context, query string, args ...any) (map[string]evidence, error) {
	rows, err := s.DB.QueryContext(ctx, s.DB.Rebind(query), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the last tokens of watched people: %w", err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]evidence{}
	for rows.Next() {
		var id string
		var issued, readAt int64
		var t evidence
		if err := rows.Scan(&id, &issued, &readAt, &t.Address, &t.ClientID, &t.name, &t.email); err != nil {
			return nil, fmt.Errorf("reading the last tokens of watched people: %w", err)
		}
		if issued > 0 {
			t.Issued = time.UnixMilli(issued).UTC()
		}
		t.ReadAt = time.UnixMilli(readAt).UTC()
		all[id] = t
	}
	return all, rows.Err()
}

// row is a row of what the platform told.
type row struct {
	person genesys.UserID
	evidence
}

func rowOf(id genesys.UserID, t Token) row {
	return row{person: id, evidence: evidence{Token: t}}
}

func (r row) values(organization string) []any {
	issued := int64(0)
	if !r.Issued.IsZero() {
		issued = r.Issued.UnixMilli()
	}
	return []any{organization, r.person.String(), issued, r.ReadAt.UnixMilli(), r.Address, r.ClientID, r.name, r.email}
}

// upsert never puts an older time in the place of a newer one. Where a token came from
// stays known until a newer one comes, and a name until another is told.
const upsert = `INSERT INTO watch_tokens
	(organization_id, person_id, issued, read_at, address, client_id, name, email) VALUES %s
	ON CONFLICT (organization_id, person_id) DO UPDATE SET
	address = CASE WHEN excluded.address <> '' AND excluded.issued >= watch_tokens.issued - ? THEN excluded.address
		WHEN excluded.issued > watch_tokens.issued + ? THEN '' ELSE watch_tokens.address END,
	client_id = CASE WHEN excluded.client_id <> '' AND excluded.issued >= watch_tokens.issued - ? THEN excluded.client_id
		WHEN excluded.issued > watch_tokens.issued + ? THEN '' ELSE watch_tokens.client_id END,
	issued = CASE WHEN excluded.issued > watch_tokens.issued THEN excluded.issued ELSE watch_tokens.issued END,
	read_at = CASE WHEN excluded.read_at > watch_tokens.read_at THEN excluded.read_at ELSE watch_tokens.read_at END,
	name = CASE WHEN excluded.name <> '' THEN excluded.name ELSE watch_tokens.name END,
	email = CASE WHEN excluded.name <> '' THEN excluded.email ELSE watch_tokens.email END`

// keep writes what the platform told, and tells of it.
func (s *Service) keep(ctx context.Context, organization string, rows []row) error {
	err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.put(ctx, tx, organization, rows) })
	if err != nil {
		return fmt.Errorf("keeping the last tokens of watched people: %w", err)
	}
	s.told(organization)
	return s.tell(ctx, organization, rows)
}

func (s *Service) put(ctx context.Context, tx *sql.Tx, organization string, rows []row) error {
	const each = 100 // rows a statement
	for part := range slices.Chunk(rows, each) {
		var args []any
		for _, r := range part {
			args = append(args, r.values(organization)...)
		}
		same := sameToken.Milliseconds()
		args = append(args, same, same, same, same)
		places := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?), ", len(part)), ", ")
		if _, err := tx.ExecContext(ctx, s.DB.Rebind(fmt.Sprintf(upsert, places)), args...); err != nil {
			return err
		}
	}
	return nil
}

// Forget removes what is known about people who are not watched any more.
func (s *Service) Forget(ctx context.Context) error {
	before := s.Now().Add(-2 * s.For).UnixMilli()
	for _, table := range []string{"watch_tokens", "watch_reads"} {
		if _, err := s.DB.ExecContext(ctx, s.DB.Rebind("DELETE FROM "+table+" WHERE read_at < ?"), before); err != nil {
			return fmt.Errorf("forgetting who was watched: %w", err)
		}
	}
	return nil
}

// keepTimeout bounds one writing of what was told.
const keepTimeout = 3 * time.Second

// transact is not ended by ctx: what was told must not go with a browser.
func (s *Service) transact(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	tx, err := s.DB.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}
