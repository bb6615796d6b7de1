package comeback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// ReadEvery is how often the platform is asked, at most, about an organization's watched
// people, by everybody who looks and every replica together. After a reading that failed
// it may be asked sooner: after as long as it said, or else after readAgain.
const (
	ReadEvery = 30 * time.Second
	readAgain = 5 * time.Second
)

// Reading is what came of a look at the platform.
type Reading struct {
	Asked  bool  // false if it was not due
	Failed error // why some were not read, nil if all were
	Missed int   // how many were not read because of Failed

	wait time.Duration // how long the platform is left alone because of Failed
}

// Read asks the platform with token when each on the board last got one, 100 a call. What
// it does not tell about some does not keep the others from being known. The error is
// that of the database.
func (s *Service) Read(ctx context.Context, region string, token genesys.Secret, board Board) (Reading, error) {
	if len(board.People) == 0 {
		return Reading{}, nil
	}
	organization, begun := board.organization, s.Now()
	mine, err := s.claim(ctx, organization, begun)
	if err != nil || !mine {
		return Reading{}, err
	}
	ctx = context.WithoutCancel(ctx) // it is everybody's turn, and must not go with one browser
	reading, rows := s.ask(ctx, s.Platform.Client(region), token, board.People)
	err = s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := s.put(ctx, tx, organization, rows); err != nil {
			return err
		}
		const end = `UPDATE watch_reads SET ended = ?, read_at = CASE WHEN read_at = ? THEN ? ELSE read_at END
			WHERE organization_id = ?`
		_, err := tx.ExecContext(ctx, s.DB.Rebind(end), begun.UnixMilli(), begun.UnixMilli(),
			s.claimedAt(reading, begun).UnixMilli(), organization)
		return err
	})
	if err != nil {
		return reading, fmt.Errorf("keeping the last tokens of watched people: %w", err)
	}
	s.told(organization)
	return reading, s.tellOf(ctx, board, rows)
}

// claimedAt is when a reading counts as begun: one that failed longer ago, so that the
// next is due sooner.
func (s *Service) claimedAt(r Reading, begun time.Time) time.Time {
	if r.Failed == nil {
		return begun
	}
	return s.Now().Add(min(r.wait, ReadEvery) - ReadEvery)
}

// tellOf tells of those on the board who came back.
func (s *Service) tellOf(ctx context.Context, board Board, rows []row) error {
	times := make(map[genesys.UserID]revocation.Times, len(board.People))
	for _, p := range board.People {
		times[p.ID] = p.Times
	}
	return s.tell(ctx, board.organization, slices.DeleteFunc(rows, func(r row) bool {
		_, back := times[r.person].CameBack(r.Issued)
		return !back
	}))
}

// tell tells of people who got a token.
func (s *Service) tell(ctx context.Context, organization string, rows []row) error {
	if s.Returned == nil || len(rows) == 0 {
		return nil
	}
	issued := make(map[genesys.UserID]time.Time, len(rows))
	for _, r := range rows {
		issued[r.person] = r.Issued
	}
	return s.Returned(ctx, organization, s.Now().Add(-s.For), s.Now(), issued)
}

// ask makes the calls of a reading, all at once.
func (s *Service) ask(
	ctx context.Context, client *genesys.Client, token genesys.Secret, people []Person,
) (Reading, []row) {
	const each = 100 // a call
	type answer struct {
		asked int
		users []genesys.User
		err   error
	}
	answers := make([]answer, (len(people)+each-1)/each)
	var calls []func(context.Context) error
	i := 0
	for part := range slices.Chunk(people, each) {
		a, ids := &answers[i], idsOf(part)
		a.asked, a.err = len(ids), errNotAsked
		calls = append(calls, func(ctx context.Context) error {
			a.users, a.err = client.GetUsersIssued(ctx, token, ids)
			return nil // else the other calls would be cancelled
		})
		i++
	}
	broken := genesys.Together(ctx, calls...)
	reading := Reading{Asked: true}
	var rows []row
	for _, a := range answers {
		if a.err != nil {
			reading.Failed, reading.Missed = errors.Join(reading.Failed, a.err, broken), reading.Missed+a.asked
			reading.wait = max(reading.wait, readAgain)
			if refused, ok := errors.AsType[*genesys.Error](a.err); ok {
				reading.wait = max(reading.wait, refused.RetryAfter)
			}
			continue
		}
		for _, u := range a.users {
			t := Token{Issued: u.LastTokenIssued.DateIssued, ReadAt: s.Now()}
			rows = append(rows, row{u.ID, evidence{t, text(u.Name), text(u.Email)}})
		}
	}
	return reading, rows
}

var errNotAsked = errors.New("the platform was not asked")

func idsOf(people []Person) []genesys.UserID {
	ids := make([]genesys.UserID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	return ids
}

// text is what a database keeps of a text of the platform.
func text(s string) string {
	const longest = 256 // characters
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return s
}

// lastReading is when the last reading of an organization that came to its end was
// begun; zero for none.
func (s *Service) lastReading(ctx context.Context, organization string) (time.Time, error) {
	var ended int64
	const query = "SELECT ended FROM watch_reads WHERE organization_id = ?"
	err := s.DB.QueryRowContext(ctx, s.DB.Rebind(query), organization).Scan(&ended)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && ended == 0:
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, fmt.Errorf("reading when watched people were read: %w", err)
	}
	return time.UnixMilli(ended).UTC(), nil
}

// claim reports whether it is this caller's turn to ask the platform.
func (s *Service) claim(ctx context.Context, organization string, now time.Time) (bool, error) {
	const claim = `INSERT INTO watch_reads (organization_id, read_at) VALUES (?, ?)
		ON CONFLICT (organization_id) DO UPDATE SET read_at = excluded.read_at
		WHERE watch_reads.read_at <= ? OR watch_reads.read_at > excluded.read_at`
	before := now.Add(-ReadEvery).UnixMilli()
	result, err := s.DB.ExecContext(ctx, s.DB.Rebind(claim), organization, now.UnixMilli(), before)
	if err != nil {
		return false, fmt.Errorf("taking turns in reading the evidence: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
