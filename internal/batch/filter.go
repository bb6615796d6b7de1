package batch

import (
	"context"
	"fmt"
	"strings"

	"tokenconsole/internal/database"
)

// Filter says which batches to list; every field that is set narrows them.
type Filter struct {
	States []State
	Person string // part of the name, the email or the id of somebody who is in the batch, or who acted on it
	Text   string // part of whom it is about, the reason, the ticket or the id of the batch
}

// UnderWay are the states in which a batch still goes on, or waits for somebody.
func UnderWay() []State { return []State{WaitingApproval, Running, Paused} }

// listed is the condition for batches of an organization that f shows.
func (s *Service) listed(organizationID string, f Filter) (string, []any) {
	where, args := "organization_id = ?", []any{organizationID}
	if len(f.States) > 0 {
		where += " AND state IN (?" + strings.Repeat(", ?", len(f.States)-1) + ")"
		for _, state := range f.States {
			args = append(args, state)
		}
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		condition, patterns := s.holding(text, "rule", "reason", "ticket", "id")
		where, args = where+" AND "+condition, append(args, patterns...)
	}
	if person := strings.TrimSpace(f.Person); person != "" {
		acted, patterns := s.holding(person, "prepared_by", "started_by", "decided_by", "run_by")
		in, more := s.holding(person, "p.name", "p.email", "p.user_id")
		where += " AND (" + acted + " OR EXISTS (SELECT 1 FROM batch_people p WHERE p.batch = batches.id AND " + in + "))"
		args = append(append(args, patterns...), more...)
	}
	return where, args
}

// holding is the condition that one of the columns has text in it, in any case.
func (s *Service) holding(text string, columns ...string) (string, []any) {
	like := "LIKE"
	if s.db.Dialect == database.PostgreSQL {
		like = "ILIKE"
	}
	pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(kept(text)) + "%"
	var conditions []string
	var args []any
	for _, column := range columns {
		conditions, args = append(conditions, fmt.Sprintf(`%s %s ? ESCAPE '\'`, column, like)), append(args, pattern)
	}
	return "(" + strings.Join(conditions, " OR ") + ")", args
}

// PeopleFilter says which rows of a batch to show; every field that is set narrows them.
type PeopleFilter struct {
	Plan Plan
	Run  Run
	Text string // part of name, email, id or input, in any case

	Busy          bool // to be revoked, and in an interaction when the plan was made
	Administrator bool // to be revoked, and an administrator
	CameBack      bool // revoked, and seen with a later token
	LeftOut       bool // not to be revoked
	Undone        bool // settled, and a step besides the tokens was not done
}

// People returns up to limit rows of a batch of an organization that f shows, in the order of the plan, and how many it
// shows in all. The rows follow the one at the position after; 0 is the beginning.
func (s *Service) People(
	ctx context.Context, organizationID, id string, f PeopleFilter, after, limit int,
) (people []Person, total int, err error) {
	if _, err := s.find(ctx, organizationID, id); err != nil {
		return nil, 0, err
	}
	where, args := s.shown(id, f)
	query := s.db.Rebind("SELECT count(*) FROM batch_people WHERE " + where)
	if err := s.db.QueryRowContext(ctx, query, args...).Scan(&total); err != nil {
		return nil, 0, away("counting the people of a batch", err)
	}
	where += fmt.Sprintf(" AND position > ? ORDER BY position LIMIT %d", limit)
	people, err = s.people(ctx, s.db, where, append(args, after)...)
	return people, total, err
}

func (s *Service) shown(id string, f PeopleFilter) (string, []any) {
	where, args := "batch = ?", []any{id}
	narrow := func(set bool, condition string, values ...any) {
		if set {
			where, args = where+" AND "+condition, append(args, values...)
		}
	}
	narrow(f.Plan != "", "plan = ?", f.Plan)
	narrow(f.Run != "", "run = ?", f.Run)
	narrow(f.Busy, "plan = ? AND busy <> ''", ToRevoke)
	narrow(f.Administrator, "plan = ? AND administrator = 1", ToRevoke)
	narrow(f.CameBack, "run = ? AND "+cameBack, Revoked)
	narrow(f.Undone, "undone > 0 AND run IN (?, ?, ?)", Revoked, Failed, Unknown)
	narrow(f.LeftOut, "plan <> ?", ToRevoke)
	if text := strings.TrimSpace(f.Text); text != "" {
		condition, patterns := s.holding(text, "name", "email", "user_id", "input")
		narrow(true, condition, patterns...)
	}
	return where, args
}
