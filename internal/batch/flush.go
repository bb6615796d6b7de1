package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// flushTimeout bounds one flush.
	flushTimeout = leaseFor / 2
	// starving is the least time between flushes while there is nothing to begin.
	starving = 20 * time.Millisecond
	// maxClaimed is how many people are claimed ahead at most.
	maxClaimed = 4 * together
)

// flushDue reports whether it is time to write: there is something to write or nothing left to begin, or the claim of
// the batch is to be renewed.
func (sl *slice) flushDue() bool {
	since := time.Since(sl.flushed)
	switch {
	case since >= renewEvery:
		return true
	case sl.stop || sl.next.finished:
		return false // the last flush follows
	case len(sl.settled) > 0 && since >= flushEvery:
		return true
	case len(sl.claimed) == 0 && since >= starving:
		return len(sl.settled) > 0 || !sl.next.due.IsZero() && !time.Now().Before(sl.next.due)
	}
	return false
}

// flush writes what came of people, renews the claim of the batch, claims whom to ask next, and finds out what is to be
// done.
func (sl *slice) flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	var claimed []Person
	returned := sl.returned()
	b, err := sl.modify(ctx, sl.b.ID, func(tx *sql.Tx, now *row) (err error) {
		if now.runner != sl.b.runner {
			sl.stop, sl.settled = true, nil // others have it: they follow the record
			return errLost
		}
		if err := sl.writePeople(ctx, tx, now, returned); err != nil {
			return err
		}
		claimed, err = sl.planNext(ctx, tx, sl.course.over(*now))
		if err != nil {
			return err
		}
		if err := sl.recount(ctx, tx, now); err != nil {
			return err
		}
		sl.report(now)
		return nil
	})
	if err != nil {
		return err
	}
	sl.b, sl.settled, sl.flushed = sl.course.over(b), nil, time.Now()
	sl.claimed = append(sl.claimed[len(returned):], claimed...)
	if b.State != Running {
		sl.stop = true
	}
	return nil
}

var errLost = errors.New("others have taken the batch over")

// returned are the claimed people who will not be asked in this slice.
func (sl *slice) returned() []Person {
	if sl.stop || sl.next.finished || !time.Now().Before(sl.ends) {
		return sl.claimed
	}
	return nil
}

// writePeople writes the rows of people. In a batch that is over, whoever waits is given up.
func (sl *slice) writePeople(ctx context.Context, tx *sql.Tx, now *row, returned []Person) error {
	for _, p := range returned {
		p.Run = Waiting
		if err := sl.writeOne(ctx, tx, now, p); err != nil {
			return err
		}
	}
	for _, p := range sl.settled {
		if err := sl.writeOne(ctx, tx, now, p); err != nil {
			return err
		}
	}
	return nil
}

func (sl *slice) writeOne(ctx context.Context, tx *sql.Tx, now *row, p Person) error {
	if now.State.Over() && p.Run == Waiting {
		p.giveUp()
	}
	return sl.savePerson(ctx, tx, now.ID, p)
}

// report notes on the batch how it goes, and that its worker lives.
func (sl *slice) report(now *row) {
	now.runnerUntil = sl.now().Add(leaseFor)
	if now.State != Running {
		return
	}
	now.Progress = Progress{PerMinute: sl.pace.perMinute(), WaitsFor: sl.waits}
	now.wakeAt = sl.until
	if sl.waits == "" && sl.flying == 0 {
		if at := sl.pace.next(time.Now(), 0); time.Until(at) > renewEvery {
			now.Progress.WaitsFor, now.wakeAt = RateLimit, at
		}
	}
	if sl.answered {
		now.awaySince = time.Time{}
	} else if sl.waits == Platform && now.awaySince.IsZero() {
		now.awaySince = sl.moment()
	}
}

// savePerson writes what can change of a person in a run.
func (s *Service) savePerson(ctx context.Context, tx *sql.Tx, batch string, p Person) error {
	const update = `UPDATE batch_people SET run = ?, tries = ?, unclear = ?, failures = ?, retry_at = ?, status = ?, problem = ?,
		asked_at = ?, at = ?, correlation_id = ?, asked = ?, entry = ?, token_before = ?, known_at = ?, token_after = ?, evidence_at = ?,
		tokens = ?, steps = ?, undone = ? WHERE batch = ? AND position = ?`
	_, err := tx.ExecContext(ctx, s.db.Rebind(update), p.Run, p.Tries, flag(p.unclear), p.failures, millis(p.RetryAt), p.Status,
		kept(p.Problem), millis(p.askedAt), millis(p.At), p.CorrelationID, p.asked, p.entry, millis(p.TokenBefore), millis(p.knownAt),
		millis(p.TokenAfter), millis(p.EvidenceAt), p.tokens, encodedList(p.Steps), p.undone(), batch, p.Position)
	if err != nil {
		return away("writing a person of a batch", err)
	}
	return nil
}

// planNext claims whom to ask next, in order and their own last, and notes what else is to be done.
func (sl *slice) planNext(ctx context.Context, tx *sql.Tx, now row) ([]Person, error) {
	sl.next.due = time.Time{}
	if now.State != Running || sl.stop || sl.next.finished || !time.Now().Before(sl.ends) {
		return nil, nil
	}
	claimed, err := sl.claimPeople(ctx, tx, now, "user_id <> ?", sl.want()-len(sl.claimed))
	if err != nil || len(claimed)+len(sl.claimed)+sl.flying+len(sl.next.lookUp) > 0 || !sl.next.due.IsZero() {
		return claimed, err
	}
	// Nobody else is left: read the evidence while the token lives.
	const unread = "batch = ? AND run = ? AND plan = ? AND evidence_at = 0 AND failures < ? AND user_id <> ? "
	if sl.next.evidence, err = sl.readable(ctx, tx, unread+fmt.Sprintf("ORDER BY position LIMIT %d", evidenceMany),
		now.ID, Revoked, ToRevoke, maxEvidence, now.RunBy.ID); err != nil {
		return nil, err
	}
	if len(sl.next.evidence) > 0 {
		return nil, nil
	}
	claimed, err = sl.claimPeople(ctx, tx, now, "user_id = ?", 1)
	sl.next.finished = err == nil && len(claimed)+len(sl.next.lookUp) == 0 && sl.next.due.IsZero()
	return claimed, err
}

// readable is people without those whose rows cannot be read: the batch pauses because of them.
func (sl *slice) readable(ctx context.Context, q querier, condition string, args ...any) ([]Person, error) {
	found, err := sl.people(ctx, q, condition, args...)
	return slices.DeleteFunc(found, func(p Person) bool {
		if p.Unreadable {
			sl.stop, sl.problem = true, RowUnreadable
		}
		return p.Unreadable
	}), err
}

// want is how many people to have claimed: as many as begin until after the next flush.
func (sl *slice) want() int {
	interval := sl.pace.interval(time.Now(), sl.flying)
	if interval < 2*flushEvery/maxClaimed {
		return maxClaimed
	}
	return 1 + int(2*flushEvery/interval)
}

// claimPeople marks the people as asked whom to ask next: those who are due again, and then new ones. Whoever is not
// looked up yet is noted for that instead, and if nobody is due yet, when somebody will be.
func (sl *slice) claimPeople(ctx context.Context, tx *sql.Tx, now row, who string, want int) ([]Person, error) {
	waiting := "batch = ? AND run = ? AND plan = ? AND " + who
	retried, err := sl.readable(ctx, tx, waiting+fmt.Sprintf(" AND tries > 0 ORDER BY retry_at, position LIMIT %d", maxOutstanding),
		now.ID, Waiting, ToRevoke, now.RunBy.ID)
	if err != nil {
		return nil, err
	}
	due := 0
	for due < len(retried) && !retried[due].RetryAt.After(sl.now()) {
		due++
	}
	found := retried[:due]
	if fresh := min(want-due, now.outstanding()-len(retried)-len(sl.claimed)-sl.flying); fresh > 0 {
		young, err := sl.readable(ctx, tx, waiting+fmt.Sprintf(" AND tries = 0 ORDER BY position LIMIT %d", fresh),
			now.ID, Waiting, ToRevoke, now.RunBy.ID)
		if err != nil {
			return nil, err
		}
		found = append(found, young...)
	}
	if len(found) == 0 && len(retried) > 0 {
		sl.next.due = retried[0].RetryAt
	}
	return sl.mark(ctx, tx, now, found[:max(0, min(len(found), want))])
}

// mark marks people as asked, in order, up to the first who is not looked up yet.
func (sl *slice) mark(ctx context.Context, tx *sql.Tx, now row, found []Person) (claimed []Person, err error) {
	for _, p := range found {
		if p.knownAt.IsZero() {
			if !sl.asking && len(sl.next.lookUp) == 0 {
				sl.next.lookUp, err = sl.readable(ctx, tx, "batch = ? AND run = ? AND plan = ? AND known_at = 0 "+
					fmt.Sprintf("ORDER BY tries, position LIMIT %d", evidenceMany), now.ID, Waiting, ToRevoke)
			}
			return claimed, err
		}
		p.Run = Asked
		if err := sl.savePerson(ctx, tx, now.ID, p); err != nil {
			return nil, err
		}
		claimed = append(claimed, p)
	}
	return claimed, nil
}
