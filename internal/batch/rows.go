package batch

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
)

// row is a batch with what only the engine reads.
type row struct {
	Batch
	approval      int64 // the entry of the approval, 0 for none; by the record
	setGoing      int64 // the entry that set it going last
	token         []byte
	tokenExpires  time.Time
	requestID     string
	address       string
	runner        string
	runnerUntil   time.Time
	wakeAt        time.Time
	awaySince     time.Time
	canarySettled int // people settled, and of them not done, when it was last set going; by the record
	canaryFailed  int
	unreadable    map[string]string // columns that cannot be read, as they are
}

// decode reads a column that holds JSON into to. One that cannot be read stays as it is, and is told of.
func decode[T any](b *row, name, text string, to *T) {
	var read T
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		if b.unreadable == nil {
			b.unreadable = map[string]string{}
		}
		b.unreadable[name] = text
		return
	}
	*to = read
}

// text is what is written into a column that holds JSON: what could not be read is not written over.
func (b row) text(name, encoded string) string {
	if was, ok := b.unreadable[name]; ok {
		return was
	}
	return encoded
}

const selectBatch = `SELECT id, organization_id, organization_name, region, parent, source, source_id, rule, state, problem,
	prepared_by, prepared_at, started_by, started_at, decided_by, decided_at, decision, approve_until, set_going, run_by, ended_at, reason, ticket, hash, playbook, steps,
	counts, version, token, token_expires, request_id, address, runner, runner_until,
	wake_at, waits_for, per_minute, away_since FROM batches`

func scanBatch(scan func(...any) error) (row, error) {
	var b row
	var preparedBy, startedBy, decidedBy, runBy, steps, counts string
	err := scan(&b.ID, &b.Organization.ID, &b.Organization.Name, &b.Region, &b.Parent, &b.Rule.Source, &b.Rule.ID,
		&b.Rule.Words, &b.State, &b.Problem, &preparedBy, ms{&b.PreparedAt}, &startedBy, ms{&b.StartedAt}, &decidedBy,
		ms{&b.DecidedAt}, &b.Decision, ms{&b.ApproveBy}, &b.setGoing, &runBy, ms{&b.EndedAt}, &b.Reason, &b.Ticket, &b.Hash,
		&b.Playbook, &steps, &counts, &b.Version, &b.token, ms{&b.tokenExpires}, &b.requestID, &b.address, &b.runner, ms{&b.runnerUntil},
		ms{&b.wakeAt}, &b.Progress.WaitsFor, &b.Progress.PerMinute, ms{&b.awaySince})
	if err != nil {
		return row{}, err
	}
	b.Steps = playbook.Parse(steps)
	if b.Progress.WaitsFor != "" {
		b.Progress.GoesOnAt = b.wakeAt
	}
	decode(&b, "prepared_by", preparedBy, &b.PreparedBy)
	decode(&b, "started_by", startedBy, &b.StartedBy)
	decode(&b, "decided_by", decidedBy, &b.DecidedBy)
	decode(&b, "run_by", runBy, &b.RunBy)
	decode(&b, "counts", counts, &b.Counts)
	return b, nil
}

// load reads a batch whatever its organization.
func (s *Service) load(ctx context.Context, id string) (row, error) {
	b, err := scanBatch(s.db.QueryRowContext(ctx, s.db.Rebind(selectBatch+" WHERE id = ?"), id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, ErrNotFound
	}
	if err != nil {
		return row{}, away("reading a batch", err)
	}
	return b, nil
}

const selectPeople = `SELECT position, user_id, name, email, line, input, plan, candidates, busy, administrator, run, tries,
	unclear, failures, retry_at, status, problem, asked_at, at, correlation_id, asked, entry, token_before, known_at, token_after,
	evidence_at, tokens, steps
	FROM batch_people`

func scanPerson(scan func(...any) error) (Person, error) {
	var p Person
	var id, candidates, steps string
	var administrator, unclear int64
	err := scan(&p.Position, &id, &p.Name, &p.Email, &p.Line, &p.Input, &p.Plan, &candidates, &p.Busy, &administrator,
		&p.Run, &p.Tries, &unclear, &p.failures, ms{&p.RetryAt}, &p.Status, &p.Problem, ms{&p.askedAt}, ms{&p.At}, &p.CorrelationID, &p.asked, &p.entry,
		ms{&p.TokenBefore}, ms{&p.knownAt}, ms{&p.TokenAfter}, ms{&p.EvidenceAt}, &p.tokens, &steps)
	if err != nil {
		return Person{}, err
	}
	p.Administrator, p.unclear, p.Entry = administrator == 1, unclear == 1, max(p.entry, p.asked)
	if candidates != "" && json.Unmarshal([]byte(candidates), &p.Candidates) != nil {
		p.Unreadable, p.Candidates = true, nil
	}
	if steps != "" && json.Unmarshal([]byte(steps), &p.Steps) != nil {
		p.Unreadable, p.Steps = true, nil
	}
	if id != "" {
		if p.ID, err = genesys.ParseUserID(id); err != nil {
			p.Unreadable = true
		}
	}
	return p, nil
}

// people reads the rows that a condition on batch_people finds.
func (s *Service) people(ctx context.Context, q querier, condition string, args ...any) (found []Person, err error) {
	rows, err := q.QueryContext(ctx, s.db.Rebind(selectPeople+" WHERE "+condition), args...)
	if err != nil {
		return nil, away("reading the people of a batch", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		p, err := scanPerson(rows.Scan)
		if err != nil {
			return nil, away("reading the people of a batch", err)
		}
		found = append(found, p)
	}
	if err := rows.Err(); err != nil {
		return nil, away("reading the people of a batch", err)
	}
	return found, nil
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// ms scans milliseconds since 1970-01-01 into a time; 0 is none.
type ms struct{ to *time.Time }

// Scan implements [sql.Scanner].
func (m ms) Scan(value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("%T is no time", value)
	}
	*m.to = time.Time{}
	if n != 0 {
		*m.to = time.UnixMilli(n).UTC()
	}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func flag(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// encoded is v as JSON; v is of a kind that always encodes.
func encoded(v any) string {
	content, _ := json.Marshal(v)
	return string(content)
}

var nobody = encoded(audit.Party{})
