package comeback

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"tokenconsole/internal/genesys"
)

// ReadEvery is how often the platform is asked, at most, about an organization's watched
// people, by everybody who looks and every replica together.
const ReadEvery = 30 * time.Second

const selectTokens = `SELECT person_id, issued, read_at, address, client_id FROM watch_tokens WHERE organization_id = ?`

// tokens returns the last token known of each person of an organization.
func (s *Service) tokens(ctx context.Context, organization string) (map[string]Token, error) {
	return s.readTokens(ctx, selectTokens, organization)
}

// tokenOf returns the last token known of one person.
func (s *Service) tokenOf(ctx context.Context, organization, person string) (Token, error) {
	all, err := s.readTokens(ctx, selectTokens+" AND person_id = ?", organization, person)
	return all[person], err
}

func (s *Service) readTokens(ctx context.Context, query string, args ...any) (map[string]Token, error) {
	rows, err := s.DB.QueryContext(ctx, s.DB.Rebind(query), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the last tokens of watched people: %w", err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string]Token{}
	for rows.Next() {
		var id string
		var issued, readAt int64
		var t Token
		if err := rows.Scan(&id, &issued, &readAt, &t.Address, &t.ClientID); err != nil {
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

// Read asks the platform with token when each of people last got one, in bulk. It
// reports false, and makes no call, if that was asked less than 30 seconds ago.
func (s *Service) Read(ctx context.Context, region string, token genesys.Secret, organization string, people []Person) (bool, error) {
	ids := make([]genesys.UserID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	if len(ids) == 0 {
		return false, nil
	}
	mine, err := s.claim(ctx, organization)
	if err != nil || !mine {
		return false, err
	}
	const each = 100 // a call
	parts := make([][]genesys.User, (len(ids)+each-1)/each)
	var calls []func(context.Context) error
	for i := range parts {
		part := ids[i*each : min((i+1)*each, len(ids))]
		calls = append(calls, func(ctx context.Context) (err error) {
			parts[i], err = s.Platform.Client(region).GetUsersIssued(ctx, token, part)
			return err
		})
	}
	if err := genesys.Together(ctx, calls...); err != nil {
		return true, err
	}
	var told []tokenRow
	for _, part := range parts {
		for _, u := range part {
			told = append(told, rowOf(u.ID, Token{Issued: u.LastTokenIssued.DateIssued, ReadAt: s.Now()}))
		}
	}
	return true, s.keep(ctx, organization, told)
}

// claim reports whether it is this caller's turn to ask the platform.
func (s *Service) claim(ctx context.Context, organization string) (bool, error) {
	const claim = `INSERT INTO watch_reads (organization_id, read_at) VALUES (?, ?)
		ON CONFLICT (organization_id) DO UPDATE SET read_at = excluded.read_at
		WHERE watch_reads.read_at <= ? OR watch_reads.read_at > excluded.read_at`
	now := s.Now()
	result, err := s.DB.ExecContext(ctx, s.DB.Rebind(claim), organization, now.UnixMilli(), now.Add(-ReadEvery).UnixMilli())
	if err != nil {
		return false, fmt.Errorf("taking turns in reading the evidence: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// tokenRow is a row of what the platform told.
type tokenRow struct {
	person            string
	issued, readAt    int64
	address, clientID string
}

func rowOf(id genesys.UserID, t Token) tokenRow {
	row := tokenRow{id.String(), 0, t.ReadAt.UnixMilli(), t.Address, t.ClientID}
	if !t.Issued.IsZero() {
		row.issued = t.Issued.UnixMilli()
	}
	return row
}

// keep writes what the platform told. An older time never takes the place of a
// newer one, and where a token came from stays known until a newer one comes.
func (s *Service) keep(ctx context.Context, organization string, rows []tokenRow) error {
	const insert = `INSERT INTO watch_tokens (organization_id, person_id, issued, read_at, address, client_id) VALUES %s
		ON CONFLICT (organization_id, person_id) DO UPDATE SET
		address = CASE WHEN excluded.address <> '' AND excluded.issued >= watch_tokens.issued - ? THEN excluded.address
			WHEN excluded.issued > watch_tokens.issued + ? THEN '' ELSE watch_tokens.address END,
		client_id = CASE WHEN excluded.client_id <> '' AND excluded.issued >= watch_tokens.issued - ? THEN excluded.client_id
			WHEN excluded.issued > watch_tokens.issued + ? THEN '' ELSE watch_tokens.client_id END,
		issued = CASE WHEN excluded.issued > watch_tokens.issued THEN excluded.issued ELSE watch_tokens.issued END,
		read_at = CASE WHEN excluded.read_at > watch_tokens.read_at THEN excluded.read_at ELSE watch_tokens.read_at END`
	const each = 100 // rows a statement
	err := s.transact(context.WithoutCancel(ctx), func(ctx context.Context, tx *sql.Tx) error {
		for ; len(rows) > 0; rows = rows[min(each, len(rows)):] {
			part := rows[:min(each, len(rows))]
			var args []any
			for _, row := range part {
				args = append(args, organization, row.person, row.issued, row.readAt, row.address, row.clientID)
			}
			same := sameToken.Milliseconds()
			args = append(args, same, same, same, same)
			places := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?), ", len(part)), ", ")
			if _, err := tx.ExecContext(ctx, s.DB.Rebind(fmt.Sprintf(insert, places)), args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keeping the last tokens of watched people: %w", err)
	}
	s.changed(organization)
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

func (s *Service) transact(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	tx, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}
