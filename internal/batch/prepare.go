package batch

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
)

// Prepare freezes a plan and puts it on the record: the rule, and a hash over the people. Nothing is revoked.
//
// Each row comes with what its maker found out: ID, Name, Email, Line, Input, Busy, Administrator, and in Plan one of
// ToRevoke, NotFound, Ambiguous (with Candidates) or Inactive. Prepare itself finds who is named twice, protected, or
// the person who prepares. ErrTooMany: more than MaxPeople rows; ErrNobody: none at all; ErrPlans: they have MaxPlans plans
// already that were not started.
func (s *Service) Prepare(ctx context.Context, by By, rule Rule, people []Person) (Batch, error) {
	return s.prepare(ctx, by, rule, people, Batch{})
}

// prepare is Prepare for another try of parent, whose steps it has; the zero Batch for none.
func (s *Service) prepare(ctx context.Context, by By, rule Rule, people []Person, parent Batch) (Batch, error) {
	switch {
	case len(people) == 0:
		return Batch{}, ErrNobody
	case len(people) > MaxPeople:
		return Batch{}, ErrTooMany
	}
	if err := s.mayPrepare(ctx, by); err != nil {
		return Batch{}, err
	}
	b := Batch{
		ID: uuid.NewString(), Organization: by.Organization, Region: by.Region, Parent: parent.ID, Rule: rule, State: Prepared,
		Playbook: parent.Playbook, Steps: parent.Steps,
		Version: 1,
	}
	planned := s.judge(people, by)
	b.Counts = count(planned)
	b.Counts.AdministratorsUnknown = rule.NoRoles
	b.Hash = hashOf(b, planned)
	err := s.change(ctx, s.entry(b, by, audit.PrepareBatch), func(ctx context.Context, asked audit.Entry) error {
		// The row keeps what the record keeps, to the letter: see compare.go.
		b.Organization, b.Region, b.Rule.Words = asked.Organization, asked.Region, asked.Query
		b.PreparedBy, b.PreparedAt = asked.Actor, asked.At
		return s.insert(ctx, b, planned)
	})
	if err != nil {
		return Batch{}, err
	}
	return b, nil
}

// mayPrepare reports as ErrPlans that somebody has too many plans already.
func (s *Service) mayPrepare(ctx context.Context, by By) error {
	const query = "SELECT count(*) FROM batches WHERE organization_id = ? AND state = ? AND prepared_by LIKE ?"
	var n int
	pattern := `%"id":"` + by.Person.ID + `"%`
	if err := s.db.QueryRowContext(ctx, s.db.Rebind(query), by.Organization.ID, Prepared, pattern).Scan(&n); err != nil {
		return away("counting the plans of somebody", err)
	}
	if n >= MaxPlans {
		return ErrPlans
	}
	return nil
}

// judge says of each row what the plan does about it.
func (s *Service) judge(people []Person, by By) []Person {
	planned := make([]Person, len(people))
	seen := map[genesys.UserID]bool{}
	for i, p := range people {
		p.Position = i + 1
		p.Name, p.Email, p.Busy = kept(p.Name), kept(p.Email), kept(p.Busy)
		p.Input = kept(audit.Redact(kept(p.Input))) // whoever pastes a list may paste a token
		p.Candidates = keptCandidates(p.Candidates)
		if p.Plan == "" || p.Plan == ToRevoke && p.ID.IsZero() {
			p.Plan = NotFound
		}
		if !p.ID.IsZero() && p.Plan != Ambiguous && p.Plan != NotFound {
			p.Plan = s.judgeOne(p, by.Person.ID, seen[p.ID])
			seen[p.ID] = true
		}
		p.Run = NotInPlan
		if p.Plan == ToRevoke {
			p.Run = Waiting
		}
		planned[i] = p
	}
	return planned
}

func (s *Service) judgeOne(p Person, preparer string, seen bool) Plan {
	switch {
	case seen:
		return NamedTwice
	case s.revocations.Protected.Has(p.ID, p.Email):
		return Protected
	case p.Plan == Inactive:
		return Inactive
	case p.ID.String() == preparer:
		return Yourself
	}
	return ToRevoke
}

func count(people []Person) (c Counts) {
	for _, p := range people {
		c.add(p)
	}
	return c
}

func (c *Counts) add(p Person) {
	*c.plan(p.Plan)++
	if p.Plan != ToRevoke {
		return
	}
	*c.run(p.Run)++
	if p.Busy != "" {
		c.Busy++
	}
	if p.Administrator {
		c.Administrators++
	}
	if p.lacksStep() {
		c.Undone++
	}
}

// plan is where a Plan is counted.
func (c *Counts) plan(p Plan) *int {
	switch p {
	case ToRevoke:
		return &c.ToRevoke
	case Ambiguous:
		return &c.Ambiguous
	case NamedTwice:
		return &c.NamedTwice
	case Inactive:
		return &c.Inactive
	case Protected:
		return &c.Protected
	case Yourself:
		return &c.Yourself
	}
	return &c.NotFound
}

// run is where a Run is counted.
func (c *Counts) run(r Run) *int {
	switch r {
	case Asked:
		return &c.Asked
	case Revoked:
		return &c.Done
	case Failed:
		return &c.Failed
	case Unknown:
		return &c.Unknown
	case Skipped:
		return &c.Skipped
	}
	return &c.Waiting
}

const insertBatch = `INSERT INTO batches (id, organization_id, organization_name, region, parent, source, source_id, rule,
	state, problem, prepared_by, prepared_at, started_by, started_at, decided_by, decided_at, decision, approve_until,
	set_going, run_by, ended_at, reason, ticket, hash, playbook, steps, counts, version, token, token_expires, request_id, address, runner,
	runner_until, wake_at, waits_for, per_minute, away_since)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, 0, ?, 0, '', 0, 0, ?, 0, '', '', ?, ?, ?, ?, ?, ?, 0, '', '', '',
	0, 0, '', 0, 0)`

// insertMany is how many people one statement inserts.
const insertMany = 100

func (s *Service) insert(ctx context.Context, b Batch, people []Person) error {
	return s.write(ctx, insertFor, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, s.db.Rebind(insertBatch), b.ID, b.Organization.ID, b.Organization.Name, b.Region, b.Parent,
			b.Rule.Source, b.Rule.ID, b.Rule.Words, b.State, encoded(b.PreparedBy), millis(b.PreparedAt), nobody, nobody,
			nobody, b.Hash, b.Playbook, playbook.Names(b.Steps), encoded(b.Counts), b.Version, []byte{})
		if err != nil {
			return away("writing a batch", err)
		}
		for len(people) > 0 {
			n := min(insertMany, len(people))
			if err := s.insertPeople(ctx, tx, b.ID, people[:n]); err != nil {
				return away("writing the people of a batch", err)
			}
			people = people[n:]
		}
		return nil
	})
}

func (s *Service) insertPeople(ctx context.Context, tx *sql.Tx, batch string, people []Person) error {
	const columns = `INSERT INTO batch_people (batch, position, user_id, name, email, line, input, plan, candidates, busy,
		administrator, run, tries, unclear, failures, retry_at, status, problem, asked_at, at, correlation_id, asked, entry, token_before,
		known_at, token_after, evidence_at, tokens, steps, undone) VALUES `
	const values = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, '', 0, 0, '', 0, 0, 0, 0, 0, 0, '', '', 0)"
	var args []any
	for _, p := range people {
		args = append(args, batch, p.Position, p.ID.String(), p.Name, p.Email, p.Line, p.Input, p.Plan,
			encodedList(p.Candidates), p.Busy, flag(p.Administrator), p.Run)
	}
	query := columns + values + strings.Repeat(", "+values, len(people)-1)
	_, err := tx.ExecContext(ctx, s.db.Rebind(query), args...)
	return err
}

// maxKept is how many characters a row keeps of a text of others.
const maxKept = 256

// kept is text as the database keeps it: bounded, valid, and without NUL, which PostgreSQL cannot hold.
func kept(text string) string {
	const most = maxKept * utf8.UTFMax
	text = text[:min(len(text), most+utf8.UTFMax)] // of a row of 2 MB the rest is not looked at
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if runes := []rune(text); len(runes) > maxKept {
		return string(runes[:maxKept-1]) + "…"
	}
	return text
}

// keptCandidates are candidates as the database keeps them.
func keptCandidates(candidates []Candidate) []Candidate {
	all := slices.Clone(candidates[:min(len(candidates), MaxCandidates)])
	for i := range all {
		c := &all[i]
		c.Name, c.Email, c.Department, c.Busy = kept(c.Name), kept(c.Email), kept(c.Department), kept(c.Busy)
	}
	return all
}

// encodedList is a list as the database keeps it: "" for none.
func encodedList[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	return encoded(list)
}

func foldEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
